import { describe, expect, test } from 'vitest';
import { readSinks, secretsOfSinks } from '../../../src/config/sinks.ts';

const url = 'https://hooks.example.com/part/s3cret';
const signing = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const read = (sink: Record<string, unknown>): ReturnType<typeof readSinks> =>
  readSinks(JSON.stringify([sink]), { URL_OF_IT: url });
const webhook = { type: 'webhook', url, secrets: [signing] };

describe('sinks of SINKS that send HTTP requests', () => {
  test('have the usual settings where none are given', () => {
    const http = { headers: {}, allowPrivate: false, timeoutMs: 15_000, format: 'native', silenced: 'skip' };
    expect(read(webhook).sinks).toEqual([{ ...http, type: 'webhook', name: 'webhook', url, secrets: [signing] }]);
    expect(read({ type: 'slack', url: { env: 'URL_OF_IT' } }).sinks).toEqual([
      { ...http, type: 'slack', name: 'slack', url },
    ]);
    expect(read({ type: 'pagerduty', routingKey: 'k3y' }).sinks).toMatchObject([
      { url: 'https://events.pagerduty.com/v2/enqueue', routingKey: 'k3y' },
    ]);
    expect(read({ type: 'alertmanager', url: 'https://am.example.com/prefix/' }).sinks).toMatchObject([
      { url: 'https://am.example.com/prefix/api/v2/alerts', remindMs: 60_000 },
    ]);
  });

  test('tell all their secrets', () => {
    const { sinks } = read({ ...webhook, headers: { 'X-Key': 'k3y' } });
    expect(sinks).toMatchObject([{ headers: { 'x-key': 'k3y' } }]);
    expect(secretsOfSinks(sinks)).toEqual([url, signing, 'k3y']);
    expect(secretsOfSinks(read({ type: 'pagerduty', routingKey: 'k3y' }).sinks)).toEqual(['k3y']);
  });

  test('may be plain HTTP where that is allowed', () => {
    for (const [given, allowed] of [
      ['http://localhost:9093', { allowPrivate: true }],
      ['http://127.0.0.1:9093', { allowPrivate: true }],
      ['http://10.0.0.1:9093', { allowPrivate: true, allowHttp: true }],
      ['http://hooks.example.com/', { allowHttp: true }],
    ] as const)
      expect(read({ ...webhook, url: given, ...allowed }).problems).toEqual([]);
  });

  test.each<[Record<string, unknown>, RegExp]>([
    [{ url: 'hooks.example.com/s3cret' }, /url as it must be a URL: current value is a text of 24 characters/],
    [
      { url: 'http://hooks.example.com/s3cret' },
      /url as it must be an https URL.*current value is http:\/\/hooks.example.com$/,
    ],
    [{ url: 'http://10.0.0.1/s3cret', allowPrivate: true }, /must be an https URL, or http with allowHttp/],
    [
      { url: 'https://10.0.0.1/s3cret' },
      /must name a public host unless allowPrivate is true: current value is 10.0.0.1/,
    ],
    [
      { url: 'https://0x7f.1/s3cret' },
      /must name a public host unless allowPrivate is true: current value is 127.0.0.1/,
    ],
    [{ url: 'https://[::1]/s3cret' }, /must name a public host/],
    [{ url: 'https://localhost/s3cret' }, /must name a public host/],
    [
      { url: 'https://s3cret:s3cret@hooks.example.com/' },
      /must hold no user name, set headers: current value is a URL with one/,
    ],
    [{ url: { env: 'NOT_SET' } }, /url as it must be .*current value is the variable NOT_SET, which is not set/],
    [{ secrets: undefined }, /secrets as it must be a list of secrets.*: current value is nothing/],
    [
      { secrets: ['s3cret'] },
      /secrets.0 as it must be whsec_ and 24 to 64 bytes in base64: current value is another text/,
    ],
    [
      { secrets: [`whsec_${Buffer.alloc(23).toString('base64')}`] },
      /must be whsec_ and 24 to 64 .*: current value is 23 bytes/,
    ],
    [{ headers: { 'Webhook-Id': 's3cret' } }, /headers.Webhook-Id as it must be no header of the sink itself/],
    [{ headers: { 'a b': 's3cret' } }, /must have the name of an HTTP header/],
    [{ headers: { key: 's3cret ✓' } }, /must be ASCII/],
    [{ headers: 's3cret' }, /headers as it must be an object with a secret for each name: current value is a string/],
    [{ timeout: '5' }, /timeout as it must be a duration of at least 100 ms such as 15s: current value is "5"/],
    [{ routingKey: 'x' }, /unknown key "routingKey"/],
    [{ type: 'slack', secrets: undefined, format: 'native' }, /unknown key "format"/],
  ])('%j is one problem that shows no secret', (changes, expected) => {
    const { sinks, problems } = read({ ...webhook, ...changes });
    expect(sinks).toEqual([]);
    expect(problems).toEqual([expect.stringMatching(expected)]);
    expect(problems.join()).not.toContain('s3cret');
  });
});
