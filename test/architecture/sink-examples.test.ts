import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSinks } from '../../src/config/sinks.ts';

const page = readFileSync('deploy/reference/sinks.md', 'utf8');
const environment = {
  SOAR_URL: 'https://soar.example.com/hook',
  SLACK_WEBHOOK: 'https://hooks.slack.com/services/T/B/x',
  TEAMS_WORKFLOW: 'https://contoso.environment.api.powerplatform.com/workflows/x?sig=y',
  PAGERDUTY_KEY: '0123456789abcdef0123456789abcdef',
};

describe('SINKS in the documentation', () => {
  test('is what the service reads', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tidewatch-docs-'));
    const file = join(folder, 'secret');
    writeFileSync(file, `whsec_${Buffer.alloc(32, 1).toString('base64')}\n`);
    const found = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = '']) =>
      text.replaceAll(/\/run\/secrets\/[\w-]+/g, file),
    );
    const read = found.map((text) => readSinks(text, environment));
    rmSync(folder, { recursive: true });
    expect(read.map(({ problems }) => problems)).toEqual([[]]);
    expect(read[0]?.sinks).toHaveLength(6);
  });

  test('names every key of a sink', () => {
    const paths = readdirSync('src/config').filter((name) => /^(.*-sink|sinks)\.ts$/.test(name));
    const sources = paths.map((name) => readFileSync(join('src/config', name), 'utf8'));
    const pattern =
      /(?:fields\.(?:text|read(?:<[^(]*>)?|boolean|integer|value|nested|elements)\(\s*|read(?:Secret|Duration)\(fields, )'([A-Za-z]+)'/g;
    const keys = new Set(sources.flatMap((source) => [...source.matchAll(pattern)].map(([, key = '']) => key)));
    expect(keys.size).toBeGreaterThan(13);
    for (const key of keys) expect(page).toContain(`| \`${key}\``);
  });
});
