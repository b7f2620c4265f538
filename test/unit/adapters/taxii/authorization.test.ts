import { expect, test } from 'vitest';
import { authorizationOf, withoutCredentials } from '../../../../src/adapters/taxii/authorization.ts';
import type { TaxiiAuth } from '../../../../src/adapters/taxii/settings.ts';

const kinds: readonly TaxiiAuth[] = [
  { type: 'basic', username: 'reader', password: 'p4ss-word' },
  { type: 'basic', username: 'k3y-as-user-name', password: '' },
  { type: 'bearer', token: 't0ken' },
  { type: 'header', name: 'x-api-key', value: 'k3y-value' },
];

test.each(kinds)('withoutCredentials() hides what %o sends, in every form a server can repeat it', (auth) => {
  const [, sent] = authorizationOf(auth)!;
  const own = auth.type === 'basic' ? [auth.password] : auth.type === 'bearer' ? [auth.token] : [];
  const texts = [sent, sent.split(' ').at(-1)!, ...own].filter((text) => text !== '');
  const shown = withoutCredentials(`No access: ${texts.join(', ')}`, auth);
  expect(shown).toBe(`No access: ${texts.map(() => '[secret]').join(', ')}`);
});

test('withoutCredentials() leaves the rest of a text alone', () => {
  for (const auth of [...kinds, { type: 'none' } as const]) {
    expect(withoutCredentials('Authentication failed', auth)).toBe('Authentication failed');
  }
});

test('withoutCredentials() leaves texts of fewer than four characters, which are everywhere', () => {
  expect(withoutCredentials('a bad word', { type: 'basic', username: 'a', password: 'd' })).toBe('a bad word');
});
