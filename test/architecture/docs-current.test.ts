import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { docsFiles } from '../../src/dev/docs/main.ts';

const files = await docsFiles();

test.each([...files])('%s is current: run npm run docs', (path, content) => {
  const written = existsSync(path) ? readFileSync(path, 'utf8') : '';
  expect(written === content, `${path} is stale: run npm run docs`).toBe(true);
});
