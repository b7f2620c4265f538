import { parseAddress } from '../../src/core/address.ts';
import { buildAddressIndex } from '../../src/core/intel/address-index.ts';
import type { IndexEntry } from '../../src/core/intel/index-build.ts';
import { readIndicator, SharedLists } from '../../src/core/intel/indicator-reader.ts';
import type { Indicator, Observable } from '../../src/core/intel/indicator.ts';
import { IndexRows } from '../../src/core/intel/index-rows.ts';
import { Ipv4Table } from '../../src/core/intel/ipv4-table.ts';
import { steadyTimeAt } from '../../src/core/intel/steady-time.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { Random } from '../../src/dev/traffic/random.ts';
import { addressAt, dotted, source, stixObject } from './indicator-set.ts';

/** Nanoseconds, the least of a few passes, of one look-up that finds something, and of one that does not. */
interface LookUpTimes {
  readonly hitNs: number;
  readonly missNs: number;
}

export interface IndexReport {
  /** Bytes of hash table and bitmap, and of a row, per address. */
  readonly tableBytes: number;
  readonly rowBytes: number;
  readonly buildMs: number;
  /** Whether an indicator that is valid now names the address: asked with the parsed address. */
  readonly question: LookUpTimes;
  /** The same for an instant of which the index does not know beforehand what holds. */
  readonly preciseQuestion: LookUpTimes;
  /** The same from a text that is new, so that it has to be parsed. */
  readonly textQuestion: LookUpTimes;
  /** The whole look-up, which makes the sightings. */
  readonly lookup: LookUpTimes;
  /** The question put to a Map of texts and objects, with texts whose hash is known already. */
  readonly map: LookUpTimes;
  /** The same with texts that are new, as a record brings them. */
  readonly textMap: LookUpTimes;
  readonly readNs: number;
}

const nowMs = Date.UTC(2026, 0, 2);
const laterMs = nowMs + 48 * HOUR_MS;
const [exact = 0, ranges = 0] = process.argv.slice(2).map(Number);
const lookUps = Math.min(2_000_000, exact * 2);
const random = new Random('bench');

function observableAt(number: number): Observable {
  const address = addressAt(number);
  const first = number < exact ? address : (address & 0xffff_fff0) >>> 0;
  return { range: { first, last: number < exact ? first : first + 15 }, value: '', key: 'ipv4-addr' };
}

/** Entries whose indicator is shared but for the observable: the index alone is measured, not what it is read from. */
function* entries(): Generator<IndexEntry> {
  const shared = readIndicator(stixObject(0, exact), source, new SharedLists()) as Indicator;
  const places = { at: (place: number) => ({ indicator: shared, observables: [observableAt(place)] }) };
  for (let place = 0; place < exact + ranges; place += 1)
    yield { ...places.at(place), digest: { high: place, low: place }, kept: { places, place } };
}

/** Least of a few passes: what else the machine does can only add. */
const passes = 3;

function timed<Asked>(asked: ArrayLike<Asked>, isFound: (each: Asked) => boolean): number {
  let found = 0;
  const startedMs = performance.now();
  for (let at = 0, end = asked.length; at < end; at += 1) if (isFound(asked[at] as Asked)) found += 1;
  const ns = ((performance.now() - startedMs) * 1e6) / asked.length;
  if (found < 0) throw new RangeError('Cannot happen: keeps the loop from being left out');
  return ns;
}

function least<Asked>(make: () => ArrayLike<Asked>, isFound: (each: Asked) => boolean): number {
  return Math.min(...Array.from({ length: passes }, () => timed(make(), isFound)));
}

const hitAt = (): number => addressAt(random.between(0, exact - 1));
const missAt = (): number => addressAt(random.between(exact + ranges, 2 ** 31));
const numbers = (address: () => number): Uint32Array => Uint32Array.from({ length: lookUps }, address);

/** Texts that nobody has hashed yet, each for itself. */
const freshTexts = (address: () => number): string[] =>
  Array.from({ length: lookUps }, () => Buffer.from(dotted(address())).toString('latin1'));

function timesOf<Asked>(
  make: (address: () => number) => ArrayLike<Asked>,
  isFound: (each: Asked) => boolean,
): LookUpTimes {
  timed(make(hitAt), isFound);
  return { hitNs: least(() => make(hitAt), isFound), missNs: least(() => make(missAt), isFound) };
}

function measureIndex(): Omit<IndexReport, 'map' | 'textMap'> {
  const startedMs = performance.now();
  const index = buildAddressIndex(entries(), 1, steadyTimeAt(nowMs));
  const buildMs = performance.now() - startedMs;
  const table = new Ipv4Table(exact);
  const bitmapBytes = 2 ** 21;
  const report = {
    tableBytes: (table.bytes + bitmapBytes) / exact,
    rowBytes: IndexRows.bytes,
    buildMs,
    question: timesOf(numbers, (address) => index.matchesAt(address, nowMs)),
    preciseQuestion: timesOf(numbers, (address) => index.matchesAt(address, laterMs)),
    textQuestion: timesOf(freshTexts, (text) => index.matchesAt(parseAddress(text) ?? 0, nowMs)),
    lookup: timesOf(numbers, (address) => index.lookup(address).length > 0),
  };
  const memory = new Uint32Array(table.bytes / 4);
  const places = (): Uint32Array => Uint32Array.from({ length: lookUps }, () => random.between(0, memory.length - 1));
  const isSet = (place: number): boolean => memory[place] !== 0;
  memory.fill(1);
  timed(places(), isSet);
  return { ...report, readNs: least(places, isSet) };
}

function measureMap(): Pick<IndexReport, 'map' | 'textMap'> {
  const validFromMs = Date.UTC(2026, 0, 1);
  const fields = { confidence: 90, validFromMs, validUntilMs: nowMs * 2, source: 'a' };
  const map = new Map<string, { readonly validFromMs: number; readonly validUntilMs: number }>();
  for (let number = 0; number < exact; number += 1) map.set(dotted(addressAt(number)), { ...fields });
  const isFound = (text: string): boolean => {
    const known = map.get(text);
    return known !== undefined && known.validFromMs <= nowMs && known.validUntilMs > nowMs;
  };
  const hashedTexts = (address: () => number): string[] => {
    const texts = freshTexts(address);
    for (const text of texts) map.has(text);
    return texts;
  };
  return { map: timesOf(hashedTexts, isFound), textMap: timesOf(freshTexts, isFound) };
}

process.send?.({ ...measureIndex(), ...measureMap() } satisfies IndexReport, () => process.exit());
