import { describe, expect, test } from 'vitest';
import { decodeMessage } from '../../../../src/core/decode/message.ts';
import { utf8 } from '../../../support/azure-envelopes.ts';

const size = 400_000;

function fill(piece: string, length = size): string {
  return piece.repeat(Math.ceil(length / piece.length));
}

const wanted = '{"category":"SignInLogs",';

/** Bodies of a size at which a quadratic reader would work for many minutes. */
const bodies: Record<string, string> = {
  'records that never end': fill('{"time":"'),
  'records that never end, one a line': fill('\n{"time":"'),
  'wanted records that never end': fill('{"time":"","category":"SignInLogs","x":"'),
  'wanted records with odd quotes': fill('{"time":"1","category":"SignInLogs","x":5"},'),
  'open braces': fill('{'),
  'open braces of records': fill('{"a":'),
  'open envelopes': fill('{"records":['),
  'open brackets': fill('['),
  'nested lists': `${fill('[', size / 2)}${fill(']', size / 2)}`,
  'nested objects': `${fill('{"a":', size)}1${fill('}', size / 5)}`,
  'nested envelopes': `${fill('{"records":[', size)}${fill(']}', size / 6)}`,
  'nested envelopes of a wanted record': `${fill('{"records":[', size)}${wanted}"a":1}${fill(']}', size / 6)}`,
  'closing braces': fill('}'),
  quotes: fill('"'),
  'single quotes': fill("'"),
  backslashes: `{"${fill('\\')}`,
  'line breaks': fill('\n'),
  'line breaks between braces': fill(`{${fill('\n', 5000)}`),
  'blanks behind a single quote': `${wanted}'${fill("' ".padEnd(5000))}`,
  'single quotes in a wanted record': `${wanted}${fill("'a")}`,
  'embedded texts that never end': `${wanted}"x":${fill('"{"a')}`,
  'embedded texts that end far away': `${wanted}"x":${fill('"{"a', size / 2)}${fill('}', size / 2)}`,
  'control characters in a wanted record': `${wanted}"x":"${fill('\u0001')}`,
  'category keys': fill('"category":'),
  'category keys and blanks': fill('category"'.padEnd(5000)),
  'category names': fill('SignInLogsx'),
  'numbers in a list': `[${fill('1,')}1]`,
  'empty objects in a list': `[${fill('{},')}{}]`,
  'empty objects': fill('{}'),
  'empty lists in a list': `[${fill('[],')}[]]`,
  'broken objects': fill('{x}'),
  'text and objects': fill('x{}'),
  'an object of many keys': `{"category":"Administrative",${Array.from({ length: size / 12 }, (_, index) => `"key${index}":1`).join(',')}}`,
  'texts in texts': Array.from({ length: 12 }).reduce<string>((text) => JSON.stringify([text]), '[{"a":1}]'),
  'a wanted record in texts in texts': Array.from({ length: 12 }).reduce<string>(
    (text) => JSON.stringify([text]),
    `[${wanted}"a":1}]`,
  ),
  'blanks in an address': `{"category":"Administrative","callerIpAddress":"${fill(' ')}1.2.3.4"}`,
  'blanks in a time': `{"category":"Administrative","time":"2026-${fill(' ')}"}`,
  'blanks in the properties': `{"category":"Administrative","properties":"${fill(' ')}{"}`,
  'single quotes in the properties': `{"category":"Administrative","properties":"{${fill("'a")}"}`,
  'slashes in the resource': `{"category":"Administrative","resourceId":"${fill('/subscriptions')}"}`,
};

describe('decodeMessage() takes time and memory in proportion', () => {
  test.each(Object.entries(bodies))('to 400 kB of %s', (_, body) => {
    const { records, unwanted, unknown, noise, deadLetters, total } = decodeMessage(utf8(body));
    expect(records.length + unwanted + unknown.length + noise + deadLetters.length).toBe(total);
    expect(total).toBeLessThanOrEqual(body.length);
  });
});
