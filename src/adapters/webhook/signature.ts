import { createHmac } from 'node:crypto';

const prefix = 'whsec_';

/**
 * Headers of Standard Webhooks 1.0.0 (https://github.com/standard-webhooks/standard-webhooks): one signature a secret,
 * so that a receiver may hold the former or the next one while it is rotated.
 *
 * @param secrets `whsec_` and base64; none leaves the signature out.
 */
export function signatureHeaders(
  secrets: readonly string[],
  id: string,
  nowMs: number,
  body: string,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signed = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    ...(signed.length === 0 ? {} : { 'webhook-signature': signed.join(' ') }),
  };
}
