import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { tokenProblem } from '../../../../src/dev/broker/sas-token.ts';

const KEYS = [
  { name: 'reader', key: 'secret one' },
  { name: 'root', key: 'secret two' },
];
const AUDIENCE = 'sb://127.0.0.1:5672/logs/ConsumerGroups/$default/Partitions/0';

function token(resource: string, keyName: string, key: string, expiry: number): string {
  const sr = encodeURIComponent(resource);
  const sig = encodeURIComponent(createHmac('sha256', key).update(`${sr}\n${expiry}`).digest('base64'));
  return `SharedAccessSignature sr=${sr}&sig=${sig}&se=${expiry}&skn=${keyName}`;
}

test('a token signed with a known key for the audience or for what contains it is good', () => {
  for (const resource of [AUDIENCE, 'sb://127.0.0.1:5672/logs', 'sb://127.0.0.1:5672/LOGS/', 'sb://127.0.0.1:5672']) {
    expect(tokenProblem(token(resource, 'root', 'secret two', 100), AUDIENCE, KEYS, 99)).toBeNull();
  }
});

test.each([
  ['another key', token(AUDIENCE, 'root', 'secret one', 100), /InvalidSignature/],
  ['an unknown key name', token(AUDIENCE, 'nobody', 'secret one', 100), /InvalidSignature/],
  ['another resource', token('sb://127.0.0.1:5672/log', 'root', 'secret two', 100), /InvalidAudience/],
  ['a past expiry', token(AUDIENCE, 'root', 'secret two', 98), /ExpiredToken/],
  ['no fields', 'SharedAccessSignature', /MalformedToken/],
  ['other text', 'Bearer abc', /MalformedToken/],
])('a token with %s is refused', (_, text, problem) => {
  expect(tokenProblem(text, AUDIENCE, KEYS, 99)).toMatch(problem);
});

test('expiry is left alone without a wall clock', () => {
  expect(tokenProblem(token(AUDIENCE, 'root', 'secret two', 1), AUDIENCE, KEYS, null)).toBeNull();
});
