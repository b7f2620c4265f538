import { RangeSet } from '../../src/core/address-range.ts';
import { Engine } from '../../src/core/engine.ts';
import { buildAddressIndex } from '../../src/core/intel/address-index.ts';
import { IndicatorCatalogue } from '../../src/core/intel/catalogue.ts';
import type { IndexEntry } from '../../src/core/intel/index-build.ts';
import { readIndicator, SharedLists, type SourceSettings } from '../../src/core/intel/indicator-reader.ts';
import type { Indicator } from '../../src/core/intel/indicator.ts';
import { Ipv4Table } from '../../src/core/intel/ipv4-table.ts';
import type { StixObject } from '../../src/core/intel/stix-object.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { Random } from '../../src/dev/traffic/random.ts';
import { realTime, systemClock, yieldTurn } from '../../src/adapters/system/clock.ts';
import { Refresh } from '../../src/pipeline/refresh.ts';
import { engineOptions } from '../support/engine-builder.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { type LoopDelay, withLoopDelay } from './loop-delay.ts';

export interface IndexReport {
  /** Bytes of hash table and bitmap, and of a row, per address. */
  readonly tableBytes: number;
  readonly rowBytes: number;
  readonly buildMs: number;
  readonly hitNs: number;
  readonly missNs: number;
  readonly mapHitNs: number;
  readonly mapMissNs: number;
  readonly readNs: number;
  /** A full set through the refresh of the service; null where it would not fit this process. */
  readonly refresh: { readonly ms: number; readonly delay: LoopDelay } | null;
}

const source: SourceSettings = { name: 'bench', defaultConfidence: 90, tlp: '', maxAgeMs: 1e12, useDstRef: false };
const lookUps = 2_000_000;
/** Sets larger than this are measured at the index alone: their objects would not fit. */
const refreshMost = 2_000_000;

const [exactText = '0', rangesText = '0'] = process.argv.slice(2);
const exact = Number(exactText);
const ranges = Number(rangesText);
const random = new Random('bench');

/** Distinct addresses, spread over the space: a permutation of its numbers. */
function addressAt(number: number): number {
  return Math.imul(number, 0x9e3779b1) >>> 0;
}

function dotted(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

function stixObject(number: number): StixObject {
  const value = number < exact ? dotted(addressAt(number)) : `${dotted((addressAt(number) & 0xffff_fff0) >>> 0)}/28`;
  return {
    type: 'indicator',
    id: `indicator--${number.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
    pattern_type: 'stix',
    pattern: `[ipv4-addr:value = '${value}']`,
    modified: '2026-01-01T00:00:00Z',
    valid_from: '2026-01-01T00:00:00Z',
    confidence: 90,
    labels: ['c2'],
  };
}

/** Entries whose indicator is shared but for the observable: the index alone is measured, not what it is read from. */
function* entries(): Generator<IndexEntry> {
  const shared = readIndicator(stixObject(0), source, new SharedLists()) as Indicator;
  for (let number = 0; number < exact + ranges; number += 1) {
    const first = number < exact ? addressAt(number) : (addressAt(number) & 0xffff_fff0) >>> 0;
    const last = number < exact ? first : first + 15;
    yield {
      indicator: shared,
      observables: [{ range: { first, last }, value: '', key: 'ipv4-addr' }],
      digest: { high: number, low: number },
    };
  }
}

function timed(asked: Uint32Array | readonly string[], look: (asked: number | string) => unknown): number {
  let found = 0;
  const startedMs = performance.now();
  for (const each of asked) if (look(each) !== undefined) found += 1;
  const ns = ((performance.now() - startedMs) * 1e6) / asked.length;
  if (found < 0) throw new RangeError('Cannot happen: keeps the loop from being left out');
  return ns;
}

function measureIndex(): Omit<IndexReport, 'refresh' | 'mapHitNs' | 'mapMissNs'> {
  const startedMs = performance.now();
  const index = buildAddressIndex(entries(), 1);
  const buildMs = performance.now() - startedMs;
  const hits = Uint32Array.from({ length: lookUps }, () => addressAt(random.between(0, exact - 1)));
  const misses = Uint32Array.from({ length: lookUps }, () => addressAt(random.between(exact + ranges, 2 ** 31)));
  const look = (address: number | string): unknown => index.lookup(Number(address))[0];
  timed(hits, look);
  const [hitNs, missNs] = [timed(hits, look), timed(misses, look)];
  const table = new Ipv4Table(exact);
  const memory = new Uint32Array(table.bytes / 4);
  const places = Uint32Array.from({ length: lookUps }, () => random.between(0, memory.length - 1));
  const read = (place: number | string): unknown => memory[Number(place)];
  timed(places, read);
  const bitmapBytes = 2 ** 21;
  return {
    tableBytes: (table.bytes + bitmapBytes) / exact,
    // Two references and a number.
    rowBytes: 8 + 8 + 4,
    buildMs,
    hitNs,
    missNs,
    readNs: timed(places, read),
  };
}

function measureMap(): Pick<IndexReport, 'mapHitNs' | 'mapMissNs'> {
  const map = new Map<string, object>();
  for (let number = 0; number < exact; number += 1)
    map.set(dotted(addressAt(number)), { id: number, confidence: 90, from: 1, until: 2, source: 'a', revoked: false });
  const hits = Array.from({ length: lookUps }, () => dotted(addressAt(random.between(0, exact - 1))));
  const misses = Array.from({ length: lookUps }, () => dotted(addressAt(random.between(exact, 2 ** 31))));
  const look = (address: number | string): unknown => map.get(String(address));
  timed(hits, look);
  return { mapHitNs: timed(hits, look), mapMissNs: timed(misses, look) };
}

async function measureRefresh(): Promise<IndexReport['refresh']> {
  if (exact > refreshMost) return null;
  const setting = {
    lookbackMs: 24 * HOUR_MS,
    flushDelayMs: 300_000,
    deduplicate: true,
    repeats: false,
    statuses: ['Success'],
    optionalStreams: [],
    excludedRanges: [],
    minConfidence: 75,
  };
  const clock = systemClock({ speed: 1, originMs: 0 });
  const objects = Array.from({ length: exact + ranges }, (_, number) => stixObject(number));
  const feed = { name: source.name, poll: () => Promise.resolve({ objects, cursor: null, full: true }) };
  const refresh = new Refresh({
    feeds: [{ feed, settings: source }],
    catalogue: new IndicatorCatalogue(16_000_000),
    engine: new Engine(engineOptions(setting), { firstBoundary: 0, warmUntil: null }),
    minConfidence: 75,
    excluded: new RangeSet([]),
    refreshIntervalMs: HOUR_MS,
    clock,
    realTime,
    yieldTurn,
    log: new MemoryLog(),
    onFailure: (_feed, code) => {
      throw new Error(`Cannot refresh: ${code}`);
    },
  });
  const signal = new AbortController().signal;
  await refresh.poll(feed, source, signal);
  let ms = 0;
  const delay = await withLoopDelay(async () => {
    const startedMs = performance.now();
    await refresh.poll(feed, source, signal);
    ms = performance.now() - startedMs;
  });
  return { ms, delay };
}

const measured = { ...measureIndex(), ...measureMap() };
process.send?.({ ...measured, refresh: await measureRefresh() } satisfies IndexReport, () => process.exit());
