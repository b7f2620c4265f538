import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IndicatorCatalogue } from '../../../../src/core/intel/catalogue.ts';
import { FactTable } from '../../../../src/core/intel/fact-table.ts';
import type { VersionedFact } from '../../../../src/core/intel/fact.ts';
import { SharedLists } from '../../../../src/core/intel/indicator-reader.ts';
import type { StixObject } from '../../../../src/core/intel/stix-object.ts';
import { ByteReader, DecodeError } from '../../../../src/core/state/byte-reader.ts';
import { ByteWriter } from '../../../../src/core/state/byte-writer.ts';
import { readFeed, writeFeed } from '../../../../src/core/state/feed-codec.ts';
import { source, stixIndicator } from '../intel/indicator-fixture.ts';

const objects: readonly StixObject[] = [
  stixIndicator({ labels: ['ActivityGroup:Storm'], description: 'Seen scanning', created_by_ref: 'identity--1' }),
  stixIndicator({
    id: 'indicator--2',
    pattern:
      "[ipv6-addr:value = '2001:db8::/32' OR network-traffic:src_ref.value = '203.0.113.9'] START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z'",
  }),
  stixIndicator({ id: 'indicator--3', pattern: "[domain-name:value = 'evil.example']", revoked: true }),
  { type: 'malware', id: 'malware--1', name: 'Loader', modified: '2026-01-01T00:00:00Z' },
  { type: 'malware', id: 'malware--2', name: 'Gone', modified: '2026-01-01T00:00:00Z', revoked: true },
  {
    type: 'relationship',
    id: 'relationship--1',
    relationship_type: 'indicates',
    source_ref: 'indicator--2',
    target_ref: 'malware--1',
  },
  { type: 'marking-definition', id: 'marking-definition--own', name: 'TLP:AMBER' },
  { type: 'indicator' },
  { type: 'identity', id: 'identity--1', name: 'Harbour CERT', modified: '2026-01-01T00:00:00Z' },
];

function catalogueOf(max = 100): IndicatorCatalogue {
  const catalogue = new IndicatorCatalogue(max);
  catalogue.apply(source, objects, { full: true });
  return catalogue;
}

const bytes = catalogueOf().export('feed-a')!;

function read(of: Uint8Array): ReturnType<typeof readFeed> {
  return readFeed(new ByteReader(of), new SharedLists());
}

function tableOf(facts: Iterable<readonly [string, VersionedFact]>): FactTable {
  const table = new FactTable();
  for (const [id, fact] of facts) table.set(id, fact);
  return table;
}

describe('readFeed()', () => {
  test('reads what writeFeed() wrote, and that writes the same bytes again', () => {
    const { held: heldOnce, facts: factsOnce, ...header } = read(bytes);
    const content = { ...header, held: [...heldOnce], facts: tableOf(factsOnce) };
    expect(content).toMatchObject({ settings: source, invalid: 1, size: 3 });
    expect([...content.held].map(({ indicator }) => indicator.id)).toEqual([
      stixIndicator()['id'],
      'indicator--2',
      'indicator--3',
    ]);
    expect([...content.facts].map(([, { fact }]) => fact.kind).sort()).toEqual([
      'actor',
      'identity',
      'indicates',
      'marking',
      'withdrawn',
    ]);
    expect([...content.held].map(({ creator }) => creator)).toEqual(['identity--1', '', '']);
    const writer = new ByteWriter();
    expect([...writeFeed(writer, content)]).toHaveLength(8);
    expect(writer.bytes()).toEqual(bytes);
  });

  test('hands out one list for all that are equal', () => {
    const [first, second] = [...read(bytes).held];
    expect(second?.indicator.types).toBe(first?.indicator.types);
  });

  /** Reads to the end, where some of what is wrong shows. */
  function readAll(of: Uint8Array): void {
    const { held, facts } = read(of);
    expect([...held, ...facts].length).toBeGreaterThan(0);
  }

  test('refuses bytes that are no feed, of another version, cut short or followed by more', () => {
    const other = new ByteWriter();
    other.text('tidewatch-state');
    expect(() => read(other.bytes())).toThrow('Cannot read a feed: these are other bytes');
    const older = new ByteWriter();
    older.text('tidewatch-feed');
    older.unsigned(1);
    expect(() => read(older.bytes())).toThrow('Cannot read a feed as version 2: current value is 1');
    for (let length = 0; length < bytes.length; length += 1)
      expect(() => readAll(bytes.subarray(0, length)), `${length} bytes`).toThrow(DecodeError);
    expect(() => readAll(Uint8Array.of(...bytes, 0))).toThrow('Cannot read a feed: more bytes follow its end');
  });
});

describe('restore()', () => {
  test('never throws, whatever byte is damaged, and keeps what is held when it refuses', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = bytes.slice();
        damaged[at] = damaged[at]! ^ change;
        const catalogue = new IndicatorCatalogue(100);
        catalogue.apply(source, [stixIndicator({ id: 'indicator--before' })], { full: true });
        const { restored } = catalogue.restore(source, damaged);
        expect(catalogue.indicator('feed-a', 'indicator--before') === undefined).toBe(restored);
      }),
      { numRuns: 2_000 },
    );
  });

  test('says why it refuses: unreadable, or more than the bound', () => {
    const catalogue = new IndicatorCatalogue(3);
    expect(catalogue.restore(source, bytes.subarray(1))).toMatchObject({ restored: false, code: 'set_unreadable' });
    expect(catalogue.restore(source, bytes)).toMatchObject({
      code: 'too_many_indicators',
      message: 'Cannot take feed feed-a as INDICATORS_MAX allows 3 indicators over all feeds: current value is 4',
    });
    expect(catalogue.weight).toBe(0);
    expect(catalogue.export('feed-a')).toBeNull();
  });
});

describe('feedExportSteps()', () => {
  test('joins parts of more than a megabyte', () => {
    const catalogue = new IndicatorCatalogue(1_000);
    const long = Array.from({ length: 300 }, (_, at) =>
      stixIndicator({ id: `indicator--${at}`, description: `${at} ${'x'.repeat(9_000)}` }),
    );
    catalogue.apply(source, long, { full: true });
    const large = catalogue.export('feed-a')!;
    expect(large.length).toBeGreaterThan(2 * 1024 ** 2);
    const restored = new IndicatorCatalogue(1_000);
    expect(restored.restore(source, large)).toEqual({ restored: true });
    expect(Buffer.compare(restored.export('feed-a')!, large)).toBe(0);
    expect(restored.indicator('feed-a', 'indicator--299')).toEqual(catalogue.indicator('feed-a', 'indicator--299'));
  });
});
