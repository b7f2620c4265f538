import type { TaxiiAuth } from './settings.ts';

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
