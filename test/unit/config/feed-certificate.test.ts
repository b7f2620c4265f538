import { expect, test } from 'vitest';
import type { TaxiiSettings } from '../../../src/adapters/taxii/settings.ts';
import { readFeeds, secretsOfFeeds } from '../../../src/config/feeds.ts';
import { certificatePath, certificateText, passphrase } from '../../support/taxii-certificates.ts';

const taxii = { type: 'taxii', name: 'one', url: 'https://taxii.example/taxii2/' };
const file = (name: string): object => ({ file: certificatePath(name) });
const client = { certificate: file('client'), key: file('client-key') };

function feedOf(changes: object, environment: Record<string, string> = {}): TaxiiSettings {
  const { feeds, problems } = readFeeds(JSON.stringify([{ ...taxii, ...changes }]), environment);
  expect(problems).toEqual([]);
  return feeds[0] as TaxiiSettings;
}

function problemsOf(changes: object): readonly string[] {
  return readFeeds(JSON.stringify([{ ...taxii, ...changes }]), {}).problems;
}

test('a client certificate is read from files, alone or beside credentials in a header', () => {
  const certificate = {
    certificate: certificateText('client').trimEnd(),
    key: certificateText('client-key').trimEnd(),
    passphrase: null,
  };
  expect(feedOf({ auth: client })).toMatchObject({ auth: { type: 'none' }, certificate });
  expect(feedOf({ auth: { ...client, bearer: 't' } })).toMatchObject({
    auth: { type: 'bearer', token: 't' },
    certificate,
  });
});

test('a variable may hold a certificate with line ends written as \\n', () => {
  const environment = {
    CERTIFICATE: certificateText('client').replaceAll('\n', '\\n'),
    KEY: certificateText('client-key'),
  };
  const auth = { certificate: { env: 'CERTIFICATE' }, key: { env: 'KEY' } };
  expect(feedOf({ auth }, environment).certificate?.certificate).toBe(certificateText('client'));
});

test('an encrypted key is read with its passphrase', () => {
  const auth = { certificate: file('client'), key: file('client-key-encrypted'), passphrase };
  expect(feedOf({ auth }).certificate).toMatchObject({ passphrase });
});

test('authorities of a feed may be several', () => {
  const ca = `# ours\n${certificateText('authority')}\n${certificateText('stranger')}`;
  expect(feedOf({ ca }).ca).toBe(ca);
  expect(feedOf({}).ca).toBeNull();
});

test.each<[string, object, string]>([
  [
    'a missing file',
    { auth: { ...client, key: { file: '/nowhere/key.pem' } } },
    '.auth.key as it must be a text, {"file": PATH} or {"env": NAME}: current value is a file that cannot be read: ENOENT: no such file or directory, open \'/nowhere/key.pem\'',
  ],
  ['no PEM', { auth: { ...client, certificate: 'secr3t' } }, '.auth.certificate as it must be PEM'],
  ['no key', { auth: { certificate: file('client') } }, '.auth.key as it must be a text'],
  ['a key alone', { auth: { key: file('client-key') } }, '.auth.certificate as it must be a text'],
  [
    'a key in place of the certificate',
    { auth: { ...client, certificate: file('client-key') } },
    '.auth.certificate as it must be an X.509 certificate: current value is a PRIVATE KEY that cannot be read as one',
  ],
  [
    'a certificate in place of the key',
    { auth: { ...client, key: file('client') } },
    '.auth.key as it must be a private key',
  ],
  [
    'the key of another certificate',
    { auth: { ...client, key: file('stranger-key') } },
    '.auth.key as it must be that of certificate (CN=Test client): current value is another key',
  ],
  [
    'an encrypted key alone',
    { auth: { ...client, key: file('client-key-encrypted') } },
    '.auth.passphrase as it must be given as key is encrypted',
  ],
  [
    'a wrong passphrase',
    { auth: { ...client, key: file('client-key-encrypted'), passphrase: 'secr3t' } },
    '.auth.passphrase as it must be that of key',
  ],
  [
    'two headers beside it',
    { auth: { ...client, bearer: 'secr3t', header: { name: 'x', value: 'secr3t' } } },
    '2 of them',
  ],
  ['no PEM of an authority', { ca: 'secr3t' }, '.ca as it must be PEM'],
  ['an authority that is none', { ca: file('client-key') }, '.ca as it must be an X.509 certificate'],
  [
    'certificates over plain HTTP',
    { auth: client, url: 'http://127.0.0.1/taxii2/' },
    '.url as it must be an https URL as certificates are given',
  ],
])('%s is one problem, which shows no secret', (_, changes, expected) => {
  const problems = problemsOf(changes);
  expect(problems).toEqual([expect.stringContaining(expected)]);
  expect(problems.join()).not.toContain('secr3t');
});

test('secretsOfFeeds() names the key, each line of it and the passphrase, and never the certificate', () => {
  const auth = { certificate: file('client'), key: file('client-key-encrypted'), passphrase };
  const secrets = secretsOfFeeds([{ ...feedOf({ auth }), type: 'taxii' } as never]);
  const lines = certificateText('client-key-encrypted').split('\n').slice(1, -2);
  expect(lines.length).toBeGreaterThan(2);
  expect(secrets).toEqual(expect.arrayContaining([passphrase, ...lines.filter((line) => line.length >= 16)]));
  expect(secrets.some((secret) => certificateText('client').includes(secret))).toBe(false);
});
