import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readFeeds } from '../../src/config/feeds.ts';

const environment = { ISAC_TOKEN: 'token', VENDOR_PASSWORD: 'password', OLDER_TOKEN: 'Token key' };

/** The examples of a page; the files of certificates that they name are those of the tests. */
function examples(file: string, pattern: RegExp): string[] {
  return [...readFileSync(file, 'utf8').matchAll(pattern)].map(([, text = '']) =>
    text.replaceAll(/"file": "\/[^"]*\/([\w-]+\.pem)"/g, '"file": "test/support/taxii-certificates/$1"'),
  );
}

describe('TI_FEEDS in the documentation', () => {
  test.each([
    ['deploy/reference/feeds.md', /```json\n([\s\S]*?)```/g, 5],
    ['README.md', /`(\[\{"type":"taxii".*?\}\])`/g, 1],
    ['docker-compose.yml', /TI_FEEDS: '(\[.*\])'/g, 1],
  ])('is what the service reads: %s', (file, pattern, count) => {
    const found = examples(file, pattern);
    expect(found).toHaveLength(count);
    for (const text of found) expect(readFeeds(text, environment).problems).toEqual([]);
  });

  test('names every key of a feed', () => {
    const text = readFileSync('deploy/reference/feeds.md', 'utf8');
    const source = ['feeds', 'feed-policy'].map((name) => readFileSync(`src/config/${name}.ts`, 'utf8')).join('');
    const ask =
      /(?:(?:fields|feed)\.(?:text|read(?:<[^(]*>)?|boolean|integer|value)\(\s*|numberWithin\(fields, )'([A-Za-z]+)'/g;
    const keys = [...source.matchAll(ask)].map(([, key = '']) => key);
    expect(new Set(keys).size).toBeGreaterThan(10);
    expect(keys).toEqual(expect.arrayContaining(['weight', 'allowRevocation', 'decay', 'pound', 'speed']));
    for (const key of keys) expect(text).toContain(`\`${key}\``);
  });
});
