import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { filesOf, importGraph } from './import-graph.ts';
import { importRules } from './import-rules.ts';

const named = importRules.map((rule) => [rule.name ?? '', rule] as const);

describe('src', async () => {
  const graph = await importGraph('.');

  test.each(named)('keeps %s', (name, rule) => {
    const about = filesOf(rule, graph.sources);
    expect(about.length, `Cannot judge ${name} as it is about no file: mend the rule`).toBeGreaterThan(0);
    expect(graph.brokenBy(rule), rule.comment ?? '').toEqual([]);
  });
});

/** A house in which every rule is broken at least once. */
const ruins: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({
    dependencies: Object.fromEntries(
      ['@azure/event-hubs', '@azure/storage-blob', 'fastify', 'lru-cache', 'pino', 'prom-client'].map((name) => [
        name,
        '*',
      ]),
    ),
    devDependencies: { prettier: '*' },
  }),
  'src/core/pane.ts': "import '../pipeline/flush.ts'; import 'node:fs'; import 'pino'; import './window.ts';",
  'src/core/window.ts': "import type {} from './pane.ts'; import 'lru-cache'; import './missing.ts';",
  'src/pipeline/flush.ts': "import '../config/options.ts'; import 'node:net'; import type {} from '@azure/event-hubs';",
  'src/telemetry/metrics.ts': "import '../pipeline/flush.ts'; import 'prom-client';",
  'src/config/options.ts': "import '../pipeline/flush.ts';",
  'src/adapters/blob/store.ts': "import '../http/server.ts'; import 'fastify'; import '@azure/storage-blob';",
  'src/adapters/http/server.ts': "import '../../config/options.ts'; import 'fastify'; import '@azure/storage-blob';",
  'src/main.ts':
    "import './adapters/http/server.ts'; import './dev/broker.ts'; import '../test/support.ts'; import 'prettier';",
  'src/dev/broker.ts': "import 'prettier'; import 'fastify';",
  'test/support.ts': 'export {};',
};

describe('the import rules', async () => {
  const root = mkdtempSync(join(tmpdir(), 'tidewatch-imports-'));
  afterAll(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(ruins)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
  const graph = await importGraph(root);

  const broken: Readonly<Record<string, readonly RegExp[]>> = {
    'no-cycles': [/^src\/core\/(pane|window)\.ts → src\/core\/(pane|window)\.ts/],
    'core-imports-only-core': [/^src\/core\/pane\.ts → src\/pipeline\/flush\.ts$/],
    'core-uses-no-package': [/^src\/core\/pane\.ts → (node:)?fs$/, /^src\/core\/pane\.ts → .*\/pino\//],
    'pipeline-imports-core-and-telemetry': [/^src\/pipeline\/flush\.ts → src\/config\/options\.ts$/],
    'pipeline-uses-no-package': [/flush\.ts → (node:)?net$/, /flush\.ts → .*@azure\/event-hubs/],
    'telemetry-imports-core': [/metrics\.ts → src\/pipeline\/flush\.ts$/, /metrics\.ts → .*prom-client/],
    'config-stands-alone': [/options\.ts → src\/pipeline\/flush\.ts$/],
    'adapter-imports-no-other-adapter': [/store\.ts → src\/adapters\/http\/server\.ts$/],
    'adapter-imports-core-types': [/server\.ts → src\/config\/options\.ts$/],
    'only-app-knows-adapters': [/^src\/main\.ts → src\/adapters\/http\/server\.ts$/],
    'nothing-imports-dev': [/^src\/main\.ts → src\/dev\/broker\.ts$/],
    'sources-import-no-tests': [/^src\/main\.ts → test\/support\.ts$/],
    'production-uses-no-development-package': [/^src\/main\.ts → .*\/prettier\//],
    'every-import-resolves': [/^src\/core\/window\.ts → \.\/missing\.ts$/],
    'vendor-event-hubs': [/flush\.ts → .*@azure\/event-hubs/],
    'vendor-blob': [/server\.ts → .*@azure\/storage-blob/],
    'vendor-http': [/store\.ts → .*\/fastify\//],
    'vendor-prometheus': [/metrics\.ts → .*\/prom-client\//],
    'vendor-log': [/pane\.ts → .*\/pino\//],
  };

  test.each(named)('find what breaks %s', (name, rule) => {
    const found = graph.brokenBy(rule);
    for (const pattern of broken[name] ?? [/no example of this rule/]) {
      expect(found).toContainEqual(expect.stringMatching(pattern));
    }
  });

  test('leave alone what is allowed', () => {
    const found = importRules.flatMap((rule) => graph.brokenBy(rule));
    expect(found).not.toContainEqual(expect.stringMatching(/window\.ts → .*lru-cache/));
    expect(found).not.toContainEqual(expect.stringMatching(/server\.ts → .*fastify/));
    expect(found).not.toContainEqual(expect.stringMatching(/store\.ts → .*storage-blob/));
    expect(found).not.toContainEqual(expect.stringMatching(/broker\.ts → /));
  });
});
