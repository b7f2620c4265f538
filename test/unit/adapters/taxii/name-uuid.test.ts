import { expect, test } from 'vitest';
import { nameUuid } from '../../../../src/adapters/taxii/name-uuid.ts';

// Made by uuid5() of Python with the same namespace.
test.each([
  ['estuary', '3db52d8a-e2f9-5963-9049-9e28481a8874'],
  ['é 😀', '69d349e1-0225-5d1f-82d9-deda10a2be35'],
])('nameUuid(%j) is the UUIDv5 of the name', (name, expected) => {
  expect(nameUuid(name)).toBe(expected);
});
