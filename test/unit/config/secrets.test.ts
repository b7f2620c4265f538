import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/config.ts';
import { secretParts, secretsOf } from '../../../src/config/secrets.ts';

const hub = 'Endpoint=sb://name.servicebus.windows.net/;SharedAccessKeyName=reader;SharedAccessKey=aGVsbG8gd29ybGQ=';

test('secretParts() of a connection string are its keys and not their names', () => {
  expect(secretParts(hub)).toEqual(['aGVsbG8gd29ybGQ=']);
  expect(secretParts('AccountName=dev;AccountKey=a2V5==;BlobEndpoint=http://127.0.0.1:10000')).toEqual(['a2V5==']);
});

test('secretParts() of feeds are their passwords, keys and tokens, however deep', () => {
  const feeds = [
    { name: 'one', url: 'https://taxii.example/', username: 'reader', password: 'p4ssw0rd' },
    { name: 'two', auth: { bearerToken: 't0ken-value', apiKey: 'k3y-value' } },
  ];
  expect(secretParts(JSON.stringify(feeds)).sort()).toEqual(['k3y-value', 'p4ssw0rd', 't0ken-value']);
});

test('secretsOf() holds every option declared secret, whole and in parts', () => {
  const { config } = loadConfig({
    EVENTHUB_CONNECTION_STRING: hub,
    STORAGE_CONNECTION_STRING: 'AccountName=dev;AccountKey=c3RvcmFnZQ==',
    TI_FEEDS: '[{"password":"p4ssw0rd"}]',
  });
  const secrets = secretsOf(config!);
  expect(secrets).toEqual(expect.arrayContaining([hub, 'aGVsbG8gd29ybGQ=', 'c3RvcmFnZQ==', 'p4ssw0rd']));
  expect(secrets).not.toContain('tidewatch');
});

test('secretsOf() leaves the name of a file of feeds readable', () => {
  const { config } = loadConfig({
    EVENTHUB_NAMESPACE: 'n',
    STORAGE_ACCOUNT_URL: 'https://s',
    TI_FEEDS: '@/etc/feeds.json',
  });
  expect(secretsOf(config!)).toEqual([]);
});
