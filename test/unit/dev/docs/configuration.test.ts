import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig, loadRuleConfig } from '../../../../src/config/config.ts';
import { readFeeds } from '../../../../src/config/feeds.ts';
import { options } from '../../../../src/config/options.ts';
import {
  allowListsExample,
  configurationReference,
  environmentExample,
  feedsExample,
  severityPolicyExample,
} from '../../../../src/dev/docs/configuration.ts';

test('configurationReference() names every option, and no secret without saying so', () => {
  const lines = configurationReference().split('\n');
  for (const { env, secret } of Object.values(options)) {
    const rows = lines.filter((line) => line.startsWith(`| \`${env}\` |`));
    expect(rows).toHaveLength(1);
    expect(rows[0]!.includes('Secret')).toBe(secret);
  }
});

test('the feeds of the reference are read as they stand', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidewatch-docs-'));
  const file = join(folder, 'partner-password');
  writeFileSync(file, 'p4ssw0rd\n');
  const text = JSON.stringify(feedsExample).replace('/run/secrets/partner-password', file);
  const { feeds, problems } = readFeeds(text, {});
  rmSync(folder, { recursive: true });
  expect(problems).toEqual([]);
  expect(feeds.map(({ name }) => name)).toEqual(['partner', 'own']);
});

test('the allow lists and the severity policy of the reference are read as they stand', () => {
  const { config, problems } = loadRuleConfig({
    ALLOW_LISTS: JSON.stringify(allowListsExample),
    SEVERITY_POLICY: JSON.stringify(severityPolicyExample),
  });
  expect(problems).toEqual([]);
  expect(config!.allowLists!.map(({ name, action }) => [name, action])).toEqual([
    ['azure', 'lower'],
    ['own scanners', 'drop'],
  ]);
  expect(config!.severityPolicy).toEqual(severityPolicyExample);
});

test('environmentExample() with every line set is a configuration that repeats the defaults', () => {
  const entries = environmentExample()
    .split('\n')
    .flatMap((line) => {
      const [, name, value] = /^#([A-Z_]+)=(.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined || value === '' ? [] : [[name, value] as const];
    });
  const needed = {
    EVENTHUB_NAMESPACE: 'name.servicebus.windows.net',
    STORAGE_ACCOUNT_URL: 'https://name.blob.core.windows.net',
    TI_FEEDS: JSON.stringify(feedsExample),
  };
  const written = loadConfig({ ...Object.fromEntries(entries), ...needed });
  expect(written.problems).toEqual([]);
  expect(written.unknown).toEqual([]);
  expect(written.config).toEqual(loadConfig(needed).config);
  expect(entries.length).toBeGreaterThan(20);
});
