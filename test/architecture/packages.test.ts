import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { repositoryFiles } from './repository.ts';

/** The packages that the service is built on, each with the place that needs it. */
const chosen: readonly (readonly [name: string, place: RegExp])[] = [
  ['@azure/event-hubs', /^src\/adapters\/event-hubs\//],
  ['@azure/eventhubs-checkpointstore-blob', /^src\/adapters\/event-hubs\//],
  ['lru-cache', /^src\/core\/window\//],
  ['ipaddr.js', /^src\/core\/address/],
  ['prom-client', /^src\/adapters\/prometheus\//],
  ['fastify', /^src\/adapters\/http\//],
  ['vitest', /^test\/unit\/.*\.test\.ts$/],
];

const code = repositoryFiles().filter(({ path }) => path.endsWith('.ts'));

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;

/** Names that a file imports from a package as values; a type costs nothing and proves nothing. */
function importedValues(text: string, name: string): string[] {
  const from = name.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
  return [...text.matchAll(new RegExp(`^import (?!type )([^;]*?) from '${from}';`, 'gm'))].flatMap(([, clause = '']) =>
    clause
      .replaceAll(/[{}\n]/g, ' ')
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '' && !part.startsWith('type '))
      .map((part) => part.replace(/^.* as /, '')),
  );
}

describe('the chosen packages', () => {
  test.each(chosen)('%s is imported and used where it is needed', (name, place) => {
    const users = code.filter(({ path, text }) => {
      const names = importedValues(text, name);
      const body = text.replaceAll(/^import [^;]*;$/gm, '');
      return place.test(path) && names.some((each) => new RegExp(`\\b${each}\\b`).test(body));
    });
    expect(users.map(({ path }) => path)).not.toEqual([]);
  });

  test.each(chosen)('%s is a dependency of the right kind with an exact version', (name) => {
    const versions = name === 'vitest' ? manifest.devDependencies : manifest.dependencies;
    expect(versions[name]).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test('an import of types, or one that is not used, does not count', () => {
    expect(importedValues("import type { A } from 'pino';\n", 'pino')).toEqual([]);
    expect(importedValues("import { type A, b, c as d } from 'pino';\n", 'pino')).toEqual(['b', 'd']);
    expect(importedValues("import pino from 'pino';\n", 'pino')).toEqual(['pino']);
    expect(importedValues("import { b } from 'pinot';\n", 'pino')).toEqual([]);
  });
});

test('every dependency is loaded by the service', () => {
  const unused = Object.keys(manifest.dependencies).filter(
    (name) =>
      !code.some(
        ({ path, text }) => /^src\/(?!dev\/)/.test(path) && (text.includes(`'${name}'`) || text.includes(`'${name}/`)),
      ),
  );
  expect(unused).toEqual([]);
});
