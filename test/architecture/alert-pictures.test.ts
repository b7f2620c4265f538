import { existsSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { alertPictures, pictureDigests, pictureDigestsPath } from '../../src/dev/docs/alert-pictures.ts';

const bytesMax = 100_000;

test.each(alertPictures().map(({ path }) => path))('%s is a PNG of less than 100 kB', (path) => {
  expect(existsSync(path), `${path} is missing: run npm run pictures`).toBe(true);
  expect(readFileSync(path).subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
  expect(statSync(path).size).toBeLessThan(bytesMax);
});

test('the pictures were taken of what the presets make of the incident now', () => {
  const taken: unknown = JSON.parse(readFileSync(pictureDigestsPath, 'utf8'));
  expect(taken, 'the pictures are stale: run npm run pictures, and look at them').toEqual(pictureDigests());
});

test('a page holds what its message says, and nothing of it that could be markup', () => {
  const [slack, teams] = alertPictures();
  expect(slack?.page).toContain('<code>203.0.113.77</code>');
  expect(slack?.page).toContain('<a href="https://tidewatch.example.com/windows/203.0.113.77">');
  expect(teams?.page).toContain('"text":"203.0.113.77"');
});
