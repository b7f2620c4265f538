import { describe, expect, test } from 'vitest';
import { activity, servicePrincipal, signIn, without } from '../../../support/azure-bodies.ts';
import { compact, envelope, spaced, utf8 } from '../../../support/azure-envelopes.ts';
import { functionAppText } from '../../../support/azure-noise.ts';
import { decode, streamsOf } from '../../../support/decoding.ts';

const three = ['activity', 'sign_in', 'service_principal'];
const texts = [compact(activity()), spaced(signIn()), spaced(servicePrincipal())];

describe('decodeMessage() takes the envelope', () => {
  test.each([
    ['records', envelope(...texts)],
    ['records with blanks', `{ "records" : [\n${texts.join(',\n')}\n] }\n`],
    ['records in another letter case', `{"Records":[${texts.join(',')}]}`],
    ['a list', `[${texts.join(',')}]`],
    ['a list of envelopes', `[${texts.map((text) => envelope(text)).join(',')}]`],
    ['one record a line', texts.join('\n')],
    ['one record a line with line ends of Windows', `${texts.join('\r\n')}\r\n`],
    ['one envelope a line', texts.map((text) => envelope(text)).join('\n')],
    ['documents without anything between', texts.join('')],
    ['pretty-printed documents', texts.map((text) => JSON.stringify(JSON.parse(text), null, 2)).join('\n')],
    ['a byte order mark', `\ufeff${envelope(...texts)}`],
    ['a byte order mark on every line', texts.map((text) => `\ufeff${text}`).join('\n')],
    ['record separators of RFC 7464', texts.map((text) => `\u001e${text}\n`).join('')],
    ['a JSON text that holds the document', JSON.stringify(envelope(...texts))],
    ['records that are JSON texts', JSON.stringify({ records: texts })],
    ['records as one JSON text', JSON.stringify({ records: `[${texts.join(',')}]` })],
  ])('%s', (_, body) => {
    const message = decode(body);
    expect(message.records.map(({ stream }) => stream)).toEqual(three);
    expect(message.records.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(message.total).toBe(3);
  });

  test('one bare record', () => {
    expect(streamsOf(compact(activity()))).toEqual(['activity']);
  });

  test.each([
    ['nothing', ''],
    ['blanks', ' \r\n\t'],
    ['a byte order mark alone', '\ufeff'],
    ['no records', '{"records":[]}'],
    ['an empty list', '[]'],
  ])('%s, which holds no record', (_, body) => {
    expect(decode(body).total).toBe(0);
  });

  test.each(['{', '[', '{"records":[', '[[[', '\ufeff{'])('%s, which lost what it held and is noise', (body) => {
    expect(decode(body)).toMatchObject({ noise: 1, total: 1 });
  });

  test('text between documents is noise, each stretch once', () => {
    const pretty = texts.map((text) => JSON.stringify(JSON.parse(text), null, 2));
    const message = decode(`Received event:\n${pretty.join('\nReceived event {another}:\n')}\nDone.`);
    expect(message.records.map(({ stream }) => stream)).toEqual(three);
    expect(message.deadLetters).toEqual([]);
    expect(message.noise).toBe(message.total - 3);
  });
});

describe('decodeMessage() keeps the neighbours', () => {
  const good = [compact(activity()), spaced(signIn())] as const;

  test.each([
    ['single-quoted properties', functionAppText()],
    ['a brace in single quotes', functionAppText('Loaded } from {config')],
    ['an odd double quote', functionAppText('size 5" exceeded')],
    ['an odd double quote and a brace', functionAppText('"{')],
    ['journal text', '{"time":"2026-08-12T15:11:51Z","category":"PostgreSQLLogs","properties":[ 218 B blob data ]}'],
    ['a missing value', '{"time":"2026-08-12T15:11:51Z","category":"AppServiceConsoleLogs","level":}'],
  ])('of a record with %s, which is noise', (_, poison) => {
    const message = decode(envelope(good[0], poison, good[1]));
    expect(message.records.map(({ stream, index }) => ({ stream, index }))).toEqual([
      { stream: 'activity', index: 0 },
      { stream: 'sign_in', index: 2 },
    ]);
    expect(message).toMatchObject({ noise: 1, deadLetters: [], total: 3 });
    expect(streamsOf([good[0], poison, good[1]].join('\n'))).toEqual(['activity', 'sign_in']);
  });

  test('of many broken records', () => {
    const records = Array.from({ length: 200 }, (_, index) =>
      index % 2 === 0 ? compact(activity()) : functionAppText('5"'),
    );
    const message = decode(envelope(...records));
    expect(message).toMatchObject({ noise: 100, total: 200 });
    expect(message.records.map(({ index }) => index)).toEqual(Array.from({ length: 100 }, (_, index) => index * 2));
  });

  test('of a wanted record that is cut off, which becomes a dead letter', () => {
    const cut = compact(activity()).slice(0, 900);
    const message = decode(`{"records":[${good[1]},${cut}`);
    expect(message.records.map(({ stream }) => stream)).toEqual(['sign_in']);
    expect(message.deadLetters).toEqual([{ index: 1, reason: 'truncated', text: cut }]);
  });

  test('of a record cut off in the middle of the body', () => {
    const cut = compact(activity()).slice(0, 900);
    const message = decode(`${cut}\n${good[1]}`);
    expect(message.records.map(({ stream, index }) => [stream, index])).toEqual([['sign_in', 1]]);
    expect(message.deadLetters).toEqual([{ index: 0, reason: 'invalid_json', text: `${cut}\n` }]);
  });

  test('of elements that are no objects', () => {
    const message = decode(`[${good[0]},null,5,true,"text",${good[1]}]`);
    expect(message.records.map(({ index }) => index)).toEqual([0, 5]);
    expect(message.noise).toBe(4);
  });
});

describe('decodeMessage() mends wanted records', () => {
  test('with raw line breaks in strings', () => {
    const broken = compact(activity({ resultDescription: 'line 1\nline 2\r\n\n' })).replaceAll(/\\[rn]/g, '\n');
    expect(streamsOf(envelope(broken))).toEqual(['activity']);
  });

  test('with single-quoted properties', () => {
    const rest = without(signIn(), 'properties');
    const broken = `${compact(rest).slice(0, -1)},"properties":{'id':'a-1','userDisplayName':'Marit "Mo" O\\'Hara','ipAddress':'198.51.100.7'}}`;
    const [record] = decode(envelope(broken)).records;
    expect(record).toMatchObject({ stream: 'sign_in', id: 'a-1', address: '198.51.100.7' });
  });

  test('with a request body whose quotes are not escaped', () => {
    const whole = compact(activity({ properties: { requestbody: 'HERE', eventCategory: 'Administrative' } }));
    const broken = whole.replace('HERE', '{"Id":"a","Tags":{"b":[1,{"c":"d"}]}}');
    expect(() => JSON.parse(broken) as unknown).toThrow();
    expect(decode(envelope(broken, whole))).toMatchObject({ total: 2, deadLetters: [], noise: 0 });
    expect(streamsOf(envelope(broken, whole))).toEqual(['activity', 'activity']);
  });
});

describe('decodeMessage() writes a dead letter', () => {
  test('for unreadable text that names a wanted category, whatever the letter case', () => {
    for (const category of ['Administrative', 'SignInLogs', 'serviceprincipalsigninlogs', 'POLICY']) {
      const text = `{"time":"2026-08-12T15:11:51Z","category": "${category}", broken}`;
      expect(decode(envelope(text)).deadLetters).toEqual([{ index: 0, reason: 'invalid_json', text }]);
    }
    for (const text of [
      'no JSON, but SignInLogs',
      '{"time":"2026-08-12T15:11:51Z","category":"Administrative',
      '{"TimeGenerated":"2026-08-12T15:11:51Z","CategoryValue" : "Policy","Caller":',
      '{"category":{"value":"Administrative","localizedValue":',
      '"{\\"category\\":\\"Administrative\\",',
      "{'category':'Administrative',",
      '{"Type":"AzureActivity",',
    ]) {
      expect(decode(text).deadLetters, text).toHaveLength(1);
    }
  });

  test.each([
    ['an unwanted category', '{"category":"ADFSSignInLogs", broken}'],
    ['a category that only begins like a wanted one', '{"category":"PolicyInsights", broken}'],
    ['a category of the Activity log as a mere word', '{"category":"AppLogs","message":"Delete", "Action" broken}'],
    ['binary', '\u00c3\u0000\u0001\u0002{"'],
    ['plain text', 'hello'],
    ['a single-quoted category of a function', functionAppText()],
  ])('but none for %s', (_, text) => {
    expect(decode(text).deadLetters).toEqual([]);
    expect(decode(text).noise).toBeGreaterThan(0);
  });

  test('of at most 64 KiB, cut between characters', () => {
    const text = `{"category":"SignInLogs","x":"${'é€😀'.repeat(20_000)}`;
    const [letter] = decode(text).deadLetters;
    expect(letter?.reason).toBe('truncated');
    const size = utf8(letter?.text ?? '').length;
    expect(size).toBeLessThanOrEqual(65_536);
    expect(size).toBeGreaterThan(65_530);
    expect(text.startsWith(letter?.text ?? '-')).toBe(true);
  });

  test('for a wanted record in a text among the records', () => {
    const element = `category: "SignInLogs", time: now`;
    expect(decode(JSON.stringify({ records: [element] })).deadLetters).toEqual([
      { index: 0, reason: 'not_an_object', text: JSON.stringify(element) },
    ]);
  });

  test.each([20, 20_000])('for a record inside %d lists', (depth) => {
    const body = `${'['.repeat(depth)}${compact(activity())}${']'.repeat(depth)}`;
    const { deadLetters, total } = decode(body);
    expect(deadLetters).toMatchObject([{ index: 0, reason: 'too_deep' }]);
    expect(total).toBe(1);
    expect(decode('['.repeat(depth) + ']'.repeat(depth))).toMatchObject({ noise: 1, total: 1 });
  });
});
