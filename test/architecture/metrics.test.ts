import { describe, expect, test } from 'vitest';
import { type Definition, definitions } from '../../src/telemetry/definitions.ts';
import { repositoryFiles } from './repository.ts';

const writers = repositoryFiles().filter(({ path }) => /^src\/(?!telemetry\/definitions|dev\/).*\.ts$/.test(path));
const table: [string, Definition][] = Object.entries(definitions);

/** The metrics that a page of the repository speaks of, without the suffixes that Prometheus adds to histograms. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/\btidewatch_[a-z_]*[a-z]\b/g)].map(([name]) => name.replace(/_(bucket|sum|count)$/, ''));
}

describe('a metric of the table', () => {
  test.each(table.map(([name]) => name))('%s is written somewhere', (name) => {
    expect(writers.filter(({ text }) => text.includes(`'${name}'`)).map(({ path }) => path)).not.toEqual([]);
  });
});

test('pages and dashboards name only metrics of the table', () => {
  const known = new Set(Object.keys(definitions));
  const pages = repositoryFiles().filter(({ path }) => /\.md$|^deploy\/.*\.(json|ya?ml)$/.test(path));
  const unknown = pages.flatMap(({ path, text }) =>
    namesIn(text)
      .filter((name) => !known.has(name))
      .map((name) => `${path}: ${name}`),
  );
  expect(pages.length).toBeGreaterThan(0);
  expect(unknown).toEqual([]);
});
