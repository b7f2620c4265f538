import { buildAddressIndex } from '../../src/core/intel/address-index.ts';
import type { IndexEntry } from '../../src/core/intel/index-build.ts';
import { readIndicator, SharedLists } from '../../src/core/intel/indicator-reader.ts';
import type { Indicator } from '../../src/core/intel/indicator.ts';
import { Ipv4Table } from '../../src/core/intel/ipv4-table.ts';
import { Random } from '../../src/dev/traffic/random.ts';
import { addressAt, dotted, source, stixObject } from './indicator-set.ts';

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
}

const lookUps = 2_000_000;
const [exactText = '0', rangesText = '0'] = process.argv.slice(2);
const exact = Number(exactText);
const ranges = Number(rangesText);
const random = new Random('bench');

/** Entries whose indicator is shared but for the observable: the index alone is measured, not what it is read from. */
function* entries(): Generator<IndexEntry> {
  const shared = readIndicator(stixObject(0, exact), source, new SharedLists()) as Indicator;
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

function measureIndex(): Omit<IndexReport, 'mapHitNs' | 'mapMissNs'> {
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

process.send?.({ ...measureIndex(), ...measureMap() } satisfies IndexReport, () => process.exit());
