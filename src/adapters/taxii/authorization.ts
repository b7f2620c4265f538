import type { TaxiiAuth } from './settings.ts';

/** A text of the server without the credentials that it was sent and may repeat. */
export function withoutCredentials(text: string, auth: TaxiiAuth): string {
  const sent = authorizationOf(auth)?.[1] ?? '';
  const own = auth.type === 'basic' ? [auth.password, auth.username] : auth.type === 'bearer' ? [auth.token] : [];
  return [sent, sent.replace(/^\w+ /, ''), ...own].reduce(
    (shown, secret) => (secret.length < 4 ? shown : shown.replaceAll(secret, '[secret]')),
    text,
  );
}

/** The header that carries the credentials, as [name, value]; null when there are none. */
export function authorizationOf(auth: TaxiiAuth): [string, string] | null {
  switch (auth.type) {
    case 'none':
      return null;
    case 'basic':
      // RFC 7617 §2.1: UTF-8 before Base64.
      return ['authorization', `Basic ${Buffer.from(`${auth.username}:${auth.password}`, 'utf8').toString('base64')}`];
    case 'bearer':
      return ['authorization', `Bearer ${auth.token}`];
    case 'header':
      return [auth.name, auth.value];
  }
}
