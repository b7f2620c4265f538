import { createHmac, timingSafeEqual } from 'node:crypto';

/** A shared access key, as a connection string names it. */
export interface SharedAccessKey {
  readonly name: string;
  readonly key: string;
}

/** The key the official emulator documents. */
export const DEFAULT_KEY: SharedAccessKey = { name: 'RootManageSharedAccessKey', key: 'SAS_KEY_VALUE' };

/**
 * What is wrong with a token, in the service's words, or null when it is good. Form:
 * `SharedAccessSignature sr=<resource>&sig=<signature>&se=<expiry>&skn=<key name>`, the signature being
 * base64(HMAC-SHA256(key, "<encoded resource>\n<expiry>")).
 * @param audience what the token is put for; the token's resource must be it or contain it
 * @param nowSeconds the wall clock in seconds since 1970, or null to leave expiry alone
 */
export function tokenProblem(
  token: string,
  audience: string,
  keys: readonly SharedAccessKey[],
  nowSeconds: number | null,
): string | null {
  const match = /^SharedAccessSignature (.*)$/.exec(token);
  const fields = new Map((match?.[1] ?? '').split('&').map(splitField));
  const resource = fields.get('sr');
  const signature = fields.get('sig');
  const expiry = fields.get('se');
  const keyName = fields.get('skn');
  if (resource === undefined || signature === undefined || expiry === undefined || keyName === undefined) {
    return 'MalformedToken: The token is malformed: sr, sig, se and skn are required.';
  }
  const key = keys.find(({ name }) => name === decodeURIComponent(keyName));
  if (key === undefined || !signedBy(key, resource, expiry, decodeURIComponent(signature))) {
    return 'InvalidSignature: The token has an invalid signature.';
  }
  if (!covers(decodeURIComponent(resource), audience)) {
    return `InvalidAudience: The authorization header contains a token for '${decodeURIComponent(resource)}'.`;
  }
  if (nowSeconds !== null && Number(expiry) < nowSeconds)
    return `ExpiredToken: The token is expired. Expiration time: ${expiry}.`;
  return null;
}

function splitField(field: string): [string, string] {
  const at = field.indexOf('=');
  return [field.slice(0, at), field.slice(at + 1)];
}

function signedBy({ key }: SharedAccessKey, resource: string, expiry: string, signature: string): boolean {
  const wanted = createHmac('sha256', key).update(`${resource}\n${expiry}`).digest();
  const given = Buffer.from(signature, 'base64');
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function covers(resource: string, audience: string): boolean {
  const outer = resource.toLowerCase().replace(/\/+$/, '');
  const inner = audience.toLowerCase().replace(/\/+$/, '');
  return inner === outer || inner.startsWith(`${outer}/`);
}
