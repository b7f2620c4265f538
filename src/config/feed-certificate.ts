import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { type Environment, readPem, readSecret } from './feed-secret.ts';
import type { JsonFields } from './json-fields.ts';

/** A certificate that the client shows, as PEM. */
export interface FeedCertificate {
  readonly certificate: string;
  readonly key: string;
  readonly passphrase: string | null;
}

/** Reads `certificate`, `key` and `passphrase` of `auth`, and holds them against each other; null when there are none. */
export function readCertificate(auth: JsonFields, environment: Environment): FeedCertificate | null {
  const given = ['certificate', 'key', 'passphrase'].filter((name) => auth.has(name));
  if (given.length === 0) return null;
  const certificate = readPem(auth, 'certificate', environment);
  const key = readPem(auth, 'key', environment);
  const passphrase = auth.has('passphrase') ? readSecret(auth, 'passphrase', environment, false) : null;
  const own = certificate === '' ? null : parseCertificate(auth, 'certificate', certificate);
  const ownKey = key === '' ? null : parseKey(auth, key, passphrase);
  if (own !== null && ownKey !== null && !own.checkPrivateKey(ownKey)) {
    auth.secretProblem('key', `must be that of certificate (${own.subject.replaceAll('\n', ', ')})`, 'another key');
  }
  return { certificate, key, passphrase };
}

/** Reads `ca` of a feed: the certificates of its authorities; null when the feed has none of its own. */
export function readAuthorities(feed: JsonFields, environment: Environment): string | null {
  if (!feed.has('ca')) return null;
  const text = readPem(feed, 'ca', environment);
  const blocks = text.split(/(?=-----BEGIN )/).filter((part) => part.startsWith('-----BEGIN '));
  for (const pem of blocks) parseCertificate(feed, 'ca', pem);
  return text;
}

/** The certificate, or the first of several; null with a problem for what is none. */
function parseCertificate(fields: JsonFields, name: string, pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    const kind = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(pem)?.[1] ?? 'PEM';
    fields.secretProblem(name, 'must be an X.509 certificate', `a ${kind} that cannot be read as one`);
    return null;
  }
}

function parseKey(fields: JsonFields, pem: string, passphrase: string | null): KeyObject | null {
  try {
    return createPrivateKey(passphrase === null ? pem : { key: pem, passphrase });
  } catch {
    const isEncrypted = pem.includes('ENCRYPTED');
    if (isEncrypted && passphrase === null) {
      fields.secretProblem('passphrase', 'must be given as key is encrypted', 'nothing');
    } else if (isEncrypted) {
      fields.secretProblem('passphrase', 'must be that of key', 'another text');
    } else {
      fields.secretProblem('key', 'must be a private key', 'PEM that cannot be read as one');
    }
    return null;
  }
}

/** The texts of a certificate's key that must not leave the process. */
export function secretsOfCertificate({ key, passphrase }: FeedCertificate): readonly string[] {
  // A part of the key is as secret as the whole, and a message may quote one line.
  const lines = key.split(/\r?\n/).filter((line) => line.length >= 16 && !/^-----|:/.test(line));
  return [key, ...lines, ...(passphrase === null ? [] : [passphrase])];
}
