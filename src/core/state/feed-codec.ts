import type { Address, AddressRange } from '../address.ts';
import type { FeedContent, HeldIndicator, StoredContent } from '../intel/feed-content.ts';
import type { Fact, VersionedFact } from '../intel/fact.ts';
import { isStatedRevoked, statedConfidenceOf } from '../intel/feed-policy.ts';
import {
  type Indicator,
  type Observable,
  skipReasons,
  type SkipReason,
  type Tlp,
  tlpLevels,
} from '../intel/indicator.ts';
import type { SharedLists, SourceSettings } from '../intel/indicator-reader.ts';
import { parseStixTime } from '../intel/stix-time.ts';
import { type ByteReader, DecodeError } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/** Changed with every change of the format, and of how indicators are read: what another version wrote is not read. */
const feedVersion = 2;
const feedMagic = 'tidewatch-feed';

/** Texts that get a number, for writer and reader: labels and the descriptions of some feeds repeat, others never do. */
export const feedTextsMax = 20_000;

const tlps: ReadonlyMap<string, Tlp> = new Map<string, Tlp>([...tlpLevels, '' as const].map((tlp) => [tlp, tlp]));
const reasons: ReadonlyMap<string, SkipReason> = new Map(skipReasons.map((reason) => [reason, reason]));
const keys = ['ipv4-addr', 'ipv6-addr', 'network-traffic'] as const satisfies readonly Observable['key'][];

/** Bits of what an indicator has. */
const has = { confidence: 1, validFrom: 2, validUntilGiven: 4, revoked: 8 };
/** Bits of the form of an observable; its key follows above them. */
const form = { ipv6: 1, range: 2, window: 4, key: 8 };

const noObservables: readonly Observable[] = [];
const noReasons: readonly SkipReason[] = [];

function named<Value>(known: ReadonlyMap<string, Value>, reader: ByteReader): Value {
  const text = reader.text();
  const value = known.get(text);
  if (value === undefined) throw new DecodeError(`Cannot read a feed: ${JSON.stringify(text)} is not among its words`);
  return value;
}

function writeOptional(writer: ByteWriter, value: number | null): void {
  writer.boolean(value !== null);
  if (value !== null) writer.number(value);
}

function writeList(writer: ByteWriter, list: readonly string[]): void {
  writer.unsigned(list.length);
  for (const text of list) writer.text(text);
}

function readList(reader: ByteReader, lists: SharedLists): readonly string[] {
  const list: string[] = [];
  for (let left = reader.count(); left > 0; left -= 1) list.push(reader.text());
  return lists.share(list);
}

function writeSettings(
  writer: ByteWriter,
  { name, defaultConfidence, tlp, maxAgeMs, useDstRef }: SourceSettings,
): void {
  writer.text(name);
  writeOptional(writer, defaultConfidence);
  writer.text(tlp);
  writer.number(maxAgeMs);
  writer.boolean(useDstRef);
}

function readSettings(reader: ByteReader): SourceSettings {
  return {
    name: reader.text(),
    defaultConfidence: reader.boolean() ? reader.number() : null,
    tlp: named(tlps, reader),
    maxAgeMs: reader.number(),
    useDstRef: reader.boolean(),
  };
}

function writeAddress(writer: ByteWriter, address: Address): void {
  if (typeof address === 'bigint') writer.bigint(address);
  else writer.unsigned(address);
}

function writeObservable(writer: ByteWriter, { range, value, key, startMs, stopMs }: Observable): void {
  const { first, last } = range;
  const hasWindow = startMs !== undefined && stopMs !== undefined;
  const bits = (typeof first === 'bigint' ? form.ipv6 : 0) + (first === last ? 0 : form.range);
  writer.unsigned(bits + (hasWindow ? form.window : 0) + form.key * keys.indexOf(key));
  writeAddress(writer, first);
  if (first !== last) writeAddress(writer, last);
  writer.singleText(value);
  if (!hasWindow) return;
  writer.number(startMs);
  writer.number(stopMs);
}

function readObservable(reader: ByteReader): Observable {
  const bits = reader.unsigned();
  const key = keys[Math.floor(bits / form.key)];
  if (key === undefined) throw new DecodeError(`Cannot read an observable: its form is ${bits}`);
  const readAddress = (): Address => ((bits & form.ipv6) === 0 ? reader.unsigned() : reader.bigint());
  const first = readAddress();
  const range: AddressRange = { first, last: (bits & form.range) === 0 ? first : readAddress() };
  const value = reader.singleText();
  if ((bits & form.window) === 0) return { range, value, key };
  const startMs = reader.number();
  return { range, value, key, startMs, stopMs: reader.number() };
}

/**
 * Writes an indicator as its feed says it, since the policy of the feed may be another when it is read. With a writer
 * that numbers no text it can be read from where it begins.
 */
export function writeHeld(writer: ByteWriter, { indicator, ownTlp, markings, creator }: HeldIndicator): void {
  const { validFromMs, validUntilGiven, observables, skipped } = indicator;
  const [confidence, revoked] = [statedConfidenceOf(indicator), isStatedRevoked(indicator)];
  const bits = (confidence === null ? 0 : has.confidence) + (validFromMs === null ? 0 : has.validFrom);
  writer.unsigned(bits + (validUntilGiven ? has.validUntilGiven : 0) + (revoked ? has.revoked : 0));
  writer.singleText(indicator.id);
  writer.text(indicator.description);
  writer.singleText(indicator.pattern);
  if (confidence !== null) writer.number(confidence);
  writer.singleText(indicator.modified);
  if (validFromMs !== null) writer.number(validFromMs);
  writer.number(indicator.validUntilMs);
  writeList(writer, indicator.types);
  writeList(writer, indicator.labels);
  writer.text(indicator.tlp);
  writeList(writer, indicator.actors);
  writer.unsigned(observables.length);
  for (const observable of observables) writeObservable(writer, observable);
  writeList(writer, skipped);
  writer.text(ownTlp);
  writeList(writer, markings);
  writer.text(creator);
}

function readMany<Item>(reader: ByteReader, none: readonly Item[], read: () => Item): readonly Item[] {
  const count = reader.count();
  if (count === 0) return none;
  const items: Item[] = [];
  for (let left = count; left > 0; left -= 1) items.push(read());
  return items;
}

function readIndicator(
  reader: ByteReader,
  source: string,
  lists: SharedLists,
): Omit<HeldIndicator, 'ownTlp' | 'markings' | 'creator'> {
  const bits = reader.unsigned();
  const id = reader.singleText();
  const description = reader.text();
  const pattern = reader.singleText();
  const confidence = (bits & has.confidence) === 0 ? null : reader.number();
  const modified = reader.singleText();
  const version = parseStixTime(modified);
  if (version === null) throw new DecodeError(`Cannot read the version of ${id}: current value is ${modified}`);
  const indicator: Indicator = {
    source,
    id,
    description,
    pattern,
    confidence,
    modified,
    modifiedMs: version.ms,
    validFromMs: (bits & has.validFrom) === 0 ? null : reader.number(),
    validUntilMs: reader.number(),
    validUntilGiven: (bits & has.validUntilGiven) !== 0,
    revoked: (bits & has.revoked) !== 0,
    types: readList(reader, lists),
    labels: readList(reader, lists),
    tlp: named(tlps, reader),
    actors: readList(reader, lists),
    observables: readMany(reader, noObservables, () => readObservable(reader)),
    skipped: readMany(reader, noReasons, () => named(reasons, reader)),
  };
  return { indicator, version: version.key };
}

/** The id of what writeHeld() wrote, without reading the rest. */
export function readHeldId(reader: ByteReader): string {
  reader.unsigned();
  return reader.singleText();
}

/** Reads what writeHeld() wrote, without any policy; equal lists come from `lists`. */
export function readHeld(reader: ByteReader, source: string, lists: SharedLists): HeldIndicator {
  const { indicator, version } = readIndicator(reader, source, lists);
  return {
    indicator,
    version,
    ownTlp: named(tlps, reader),
    markings: readList(reader, lists),
    creator: reader.text(),
  };
}

function writeFact(writer: ByteWriter, id: string, { version, fact }: VersionedFact): void {
  writer.singleText(id);
  writer.singleText(version);
  writer.text(fact.kind);
  if (fact.kind === 'actor' || fact.kind === 'identity') writer.text(fact.name);
  else if (fact.kind === 'marking') writer.text(fact.tlp);
  else if (fact.kind === 'indicates') {
    writer.singleText(fact.indicatorId);
    writer.text(fact.targetId);
  }
}

function readFact(reader: ByteReader): Fact {
  const kind = reader.text();
  if (kind === 'actor' || kind === 'identity') return { kind, name: reader.text() };
  if (kind === 'indicates') return { kind, indicatorId: reader.singleText(), targetId: reader.text() };
  if (kind === 'marking') return { kind, tlp: named(tlps, reader) };
  if (kind === 'withdrawn') return { kind };
  throw new DecodeError(`Cannot read what an object says: its kind is ${JSON.stringify(kind)}`);
}

/** Writes what is held of a feed into a writer of feedTextsMax, pausing after each indicator and each fact. */
export function* writeFeed(writer: ByteWriter, { settings, invalid, size, held, facts }: FeedContent): Generator<void> {
  writer.text(feedMagic);
  writer.unsigned(feedVersion);
  writeSettings(writer, settings);
  writer.unsigned(invalid);
  writer.unsigned(size);
  for (const each of held) {
    writeHeld(writer, each);
    yield;
  }
  writer.unsigned(facts.size);
  for (const [id, fact] of facts) {
    writeFact(writer, id, fact);
    yield;
  }
}

/**
 * Reads what writeFeed() wrote, from a reader of feedTextsMax; equal lists come from `lists`. The indicators are as
 * their feed says them, without any policy, and are read one by one as they are walked. Throws DecodeError, and
 * TypeError for text that is no UTF-8, for anything else, at once or on the way.
 */
export function readFeed(reader: ByteReader, lists: SharedLists): StoredContent {
  if (reader.text() !== feedMagic) throw new DecodeError('Cannot read a feed: these are other bytes');
  const version = reader.unsigned();
  if (version !== feedVersion)
    throw new DecodeError(`Cannot read a feed as version ${feedVersion}: current value is ${version}`);
  const settings = readSettings(reader);
  const invalid = reader.unsigned();
  const size = reader.count();
  return { settings, invalid, size, held: heldIn(reader, size, settings, lists), facts: factsIn(reader) };
}

function* heldIn(
  reader: ByteReader,
  size: number,
  { name }: SourceSettings,
  lists: SharedLists,
): Generator<HeldIndicator> {
  for (let left = size; left > 0; left -= 1) yield readHeld(reader, name, lists);
}

function* factsIn(reader: ByteReader): Generator<readonly [string, VersionedFact]> {
  for (let left = reader.count(); left > 0; left -= 1) {
    const id = reader.singleText();
    yield [id, { version: reader.singleText(), fact: readFact(reader) }];
  }
  if (!reader.isAtEnd) throw new DecodeError('Cannot read a feed: more bytes follow its end');
}
