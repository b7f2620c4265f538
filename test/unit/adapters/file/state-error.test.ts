import { expect, test } from 'vitest';
import { stateFolderError } from '../../../../src/adapters/file/state-error.ts';

test.each([
  ['ENOSPC', 'full', true],
  ['EDQUOT', 'full', true],
  ['EACCES', 'unauthorized', false],
  ['EROFS', 'unauthorized', false],
  ['EIO', 'unavailable', true],
  ['ENOTDIR', 'unavailable', true],
] as const)('%s means %s, with folder and cause', (code, means, retryable) => {
  const cause = Object.assign(new Error(`${code}: said no`), { code });
  const error = stateFolderError(cause, 'write state blob 1-1-base', 'var/state');
  expect(error).toMatchObject({ code: means, retryable, cause });
  expect(error.message).toContain('Cannot write state blob 1-1-base');
  expect(error.message).toContain('var/state');
  expect(error.message).toContain(`${code}: said no`);
});

test('a folder that may not be written is told with the option that names it', () => {
  const cause = Object.assign(new Error('denied'), { code: 'EPERM' });
  expect(stateFolderError(cause, 'take the lease', 'state').message).toContain('check STATE');
});
