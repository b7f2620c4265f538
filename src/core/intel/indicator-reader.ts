import { applyPolicy, type FeedPolicy } from './feed-policy.ts';
import type { Indicator, Observable, SkipReason, Tlp } from './indicator.ts';
import { isTooWide } from './observable-value.ts';
import { maxPatternLength, readPattern } from './pattern.ts';
import { isDestination, type PatternObservable } from './pattern-meaning.ts';
import type { StixObject } from './stix-object.ts';
import { compareText, parseStixTime, type StixTime } from './stix-time.ts';
import { strictestTlp, tlpOfMarkingId } from './tlp.ts';

/** How the indicators of one feed are read, and how much they count. */
export interface SourceSettings extends Partial<FeedPolicy> {
  readonly name: string;
  /** Confidence (0 to 100) of indicators that carry none; null leaves them unscored. */
  readonly defaultConfidence: number | null;
  /** Level of indicators without a TLP marking. */
  readonly tlp: Tlp;
  /** How long an indicator without valid_until is valid after the newest of modified and valid_from, in ms. */
  readonly maxAgeMs: number;
  /** Whether the destination of network traffic counts as a caller. */
  readonly useDstRef: boolean;
}

/** Longest texts and lists kept of an object; a feed that sends more is cut, never refused. */
const bounds = { id: 300, description: 10_000, refusedPattern: 1_000, listItems: 100, listItem: 500 };

const noTexts: readonly string[] = [];

function text(value: unknown, most: number): string {
  return typeof value === 'string' ? value.slice(0, most) : '';
}

/** The texts of a list; what is not a text is left out. */
function textList(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) return noTexts;
  const texts: string[] = [];
  for (const item of value.slice(0, bounds.listItems) as unknown[]) {
    if (typeof item === 'string') texts.push(item.slice(0, bounds.listItem));
  }
  return texts;
}

/** Hands out one list for all that are equal: a feed of a million indicators has a few lists of labels. */
export class SharedLists {
  static readonly #most = 10_000;
  readonly #lists = new Map<string, readonly string[]>();

  share(list: readonly string[]): readonly string[] {
    if (list.length === 0) return noTexts;
    const key = list.join('\n');
    const known = this.#lists.get(key);
    // Texts may hold the separator themselves.
    if (known?.length === list.length && known.every((text, at) => text === list[at])) return known;
    if (known === undefined && this.#lists.size < SharedLists.#most) this.#lists.set(key, list);
    return list;
  }

  /** Hands out one text for all that are equal. */
  shareText(text: string): string {
    return text === '' ? '' : (this.share([text])[0] ?? text);
  }
}

/** Every marking that an object or a part of it refers to. */
export function markingRefs(object: StixObject): readonly string[] {
  const granular = object['granular_markings'];
  const own = textList(object['object_marking_refs']);
  if (!Array.isArray(granular)) return own;
  const parts = granular
    .slice(0, bounds.listItems)
    .map((marking: unknown): unknown =>
      typeof marking === 'object' && marking !== null ? (marking as StixObject)['marking_ref'] : undefined,
    );
  return [...own, ...textList(parts)];
}

/** The identity that made an object, "" when the object names none. */
export function creatorOf(object: StixObject): string {
  const { created_by_ref: creator } = object;
  return typeof creator === 'string' && creator.startsWith('identity--') ? creator.slice(0, bounds.id) : '';
}

/** The level by the markings whose ids are fixed, "" when the object refers to none of them. */
export function fixedTlp(object: StixObject): Tlp {
  return strictestTlp(markingRefs(object).map(tlpOfMarkingId));
}

/** Actor names that labels carry in the manner of Sentinel: `ActivityGroup:NAME`. Sorted, distinct. */
function labelledActors(labels: readonly string[]): readonly string[] {
  const prefix = /^ActivityGroup:\s*/i;
  const names = labels.filter((label) => prefix.test(label)).map((label) => label.replace(prefix, '').trim());
  return names.length === 0 ? noTexts : [...new Set(names)].filter((name) => name !== '').sort(compareText);
}

function confidenceOf(value: unknown, fallback: number | null): number | null {
  const number = typeof value === 'string' && /^\d{1,3}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && number >= 0 && number <= 100 ? number : fallback;
}

/** The text that names the version of an object: `modified`, else, as hand-written files have it, an older time. */
function versionText(object: StixObject): unknown {
  return object['modified'] ?? object['created'] ?? object['valid_from'];
}

/** The version of an object; null when nothing tells it. */
export function versionOf(object: StixObject): StixTime | null {
  return parseStixTime(versionText(object));
}

/** A time that may be absent: null when it is, undefined when it is there and no timestamp. */
function optionalTime(value: unknown): number | null | undefined {
  if (value === undefined || value === null || value === '') return null;
  return parseStixTime(value)?.ms;
}

interface Meaning {
  readonly observables: readonly Observable[];
  readonly skipped: readonly SkipReason[];
}

const meansNothing = (reason: SkipReason): Meaning => ({ observables: [], skipped: [reason] });

function isSame(a: Observable, b: Observable): boolean {
  return (
    a.range.first === b.range.first && a.range.last === b.range.last && a.startMs === b.startMs && a.stopMs === b.stopMs
  );
}

/** Drops the comparison, which only matters while reading: a million of them would be kept. */
function withoutComparison({ range, value, key, startMs, stopMs }: PatternObservable): Observable {
  return startMs === undefined || stopMs === undefined ? { range, value, key } : { range, value, key, startMs, stopMs };
}

/** Longest list whose equal members are looked for pair by pair. */
const pairwiseMost = 64;

function distinct(observables: readonly Observable[]): readonly Observable[] {
  if (observables.length < 2 || observables.length > pairwiseMost) return observables;
  return observables.filter((observable, at) => observables.findIndex((other) => isSame(observable, other)) === at);
}

/** Whether an object says of itself nothing that only STIX 2.1 has. */
function isStix20(object: StixObject): boolean {
  return object['spec_version'] === undefined && object['pattern_type'] === undefined;
}

/** STIX 2.0 writes the times of START and STOP as texts (part 5, section 4.1), 2.1 as timestamps. */
const timeText = /\b(START|STOP)(\s+)(?='\d{4}-\d\d-\d\dT)/g;

function meaningOfPattern(object: StixObject, source: SourceSettings): Meaning {
  const type = object['pattern_type'];
  if (typeof type === 'string' && type.toLowerCase() !== 'stix') return meansNothing('not_stix_pattern');
  const pattern = object['pattern'];
  if (typeof pattern !== 'string' || pattern.trim() === '') return meansNothing('no_pattern');
  const reading = readPattern(isStix20(object) ? pattern.replace(timeText, '$1$2t') : pattern);
  const skipped = new Set(reading.skipped);
  const observables: Observable[] = [];
  for (const observable of reading.observables) {
    if (!source.useDstRef && isDestination(observable.comparison.path)) skipped.add('dst_ref');
    else if (isTooWide(observable.range)) skipped.add('range_too_wide');
    else observables.push(withoutComparison(observable));
  }
  return { observables: distinct(observables), skipped: [...skipped] };
}

/**
 * Reads one version of a STIX indicator (2.1, or 2.0 as a file may hold). Never throws, whatever the object is: without
 * a usable id or version it gives the reason alone; with them, an indicator whose `skipped` says what of it can never
 * match, so that a newer version replaces an older one also where it is unreadable.
 */
export function readIndicator(
  object: StixObject,
  source: SourceSettings,
  lists = new SharedLists(),
): Indicator | { readonly skipped: SkipReason } {
  const id = object['id'];
  const version = versionOf(object);
  if (object['type'] !== 'indicator' || typeof id !== 'string' || id === '' || id.length > bounds.id) {
    return { skipped: 'invalid_object' };
  }
  if (version === null) return { skipped: 'invalid_object' };
  const validFromMs = optionalTime(object['valid_from']);
  const validUntilMs = optionalTime(object['valid_until']);
  const readable = validFromMs !== undefined && validUntilMs !== undefined;
  const { observables, skipped } = readable ? meaningOfPattern(object, source) : meansNothing('invalid_object');
  const labels = lists.share(textList(object['labels']));
  // What 2.1 calls the types of an indicator, 2.0 says in its labels.
  const typesIn = isStix20(object) && object['indicator_types'] === undefined ? 'labels' : 'indicator_types';
  const indicator: Indicator = {
    source: source.name,
    id,
    description: text(object['description'], bounds.description),
    pattern: text(object['pattern'], skipped.includes('pattern_too_large') ? bounds.refusedPattern : maxPatternLength),
    confidence: confidenceOf(object['confidence'], source.defaultConfidence),
    modified: text(versionText(object), bounds.id),
    modifiedMs: version.ms,
    validFromMs: validFromMs ?? null,
    validUntilMs: validUntilMs ?? Math.max(version.ms, validFromMs ?? version.ms) + source.maxAgeMs,
    validUntilGiven: typeof validUntilMs === 'number',
    revoked: object['revoked'] === true,
    types: lists.share(textList(object[typesIn])),
    labels,
    tlp: fixedTlp(object) || source.tlp,
    actors: labelledActors(labels),
    observables,
    skipped,
  };
  return applyPolicy(indicator, source);
}
