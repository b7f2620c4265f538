import { digestIndicator } from './content-digest.ts';
import type { HeldIndicator } from './feed-content.ts';
import type { ContextDraft, FeedContext } from './feed-context.ts';
import { HeldTable } from './held-table.ts';
import type { Indicator } from './indicator.ts';
import {
  creatorOf,
  fixedTlp,
  markingRefs,
  readIndicator,
  type SharedLists,
  type SourceSettings,
  versionOf,
} from './indicator-reader.ts';
import { hidingReason } from './named-value.ts';
import type { StixObject } from './stix-object.ts';
import { tlpOfMarkingId } from './tlp.ts';

/** A change of a feed that has been read and not been made yet. */
export interface Change {
  /** Becomes the feed's own with a full set. */
  readonly held: HeldTable;
  /** What the feed holds, as it is or cleared of what was replaced: what is not full is added to it. */
  readonly base: HeldTable;
  readonly context: FeedContext;
  readonly invalid: number;
  readonly full: boolean;
  /** What the feed weighs with the change made. */
  readonly weight: number;
  /** How many indicators a full set no longer names. */
  readonly deleted: number;
  /** Whether it brings a version of an indicator that is not held, or deletes one. */
  readonly isNews: boolean;
}

/** What a reading begins with: what a feed holds. */
export interface ReadingStart {
  readonly settings: SourceSettings;
  readonly lists: SharedLists;
  readonly held: HeldTable;
  /** Empty for a full set, of which only the set itself counts. */
  readonly context: FeedContext;
  /** 0 for a full set. */
  readonly invalid: number;
  readonly weight: number;
  readonly full: boolean;
}

/** Objects read between two pauses. */
const sliceObjects = 128;

/** An indicator that names many addresses weighs as much as many. */
export function weightOf({ indicator }: HeldIndicator): number {
  return Math.max(1, indicator.observables.length);
}

/** Orders contents of one version, the same on every machine. */
function digestText(indicator: Indicator): string {
  const { high, low } = digestIndicator(withoutUnused(indicator));
  return `${high} ${low}`;
}

const noMarkings: readonly string[] = [];

/** Longest pattern that is kept without any observable. */
const unusedPatternMax = 1000;

/**
 * Texts that only an address gives a use to are dropped: most feeds are mostly domains and hashes. A pattern that may
 * name an address all the same is what an explanation is read from.
 */
function withoutUnused(indicator: Indicator): Indicator {
  if (indicator.observables.length > 0) return indicator;
  const pattern = hidingReason(indicator) === null ? '' : cutCopy(indicator.pattern, unusedPatternMax);
  return { ...indicator, description: '', pattern };
}

/** The beginning of a text. Not a slice of it, which would keep all of it in memory. */
function cutCopy(text: string, most: number): string {
  return text.length < most ? text : text.slice(0, most).split('').join('');
}

function hold(indicator: Indicator, object: StixObject, version: string, lists: SharedLists): HeldIndicator {
  const markings = markingRefs(object).filter((id) => tlpOfMarkingId(id) === '');
  return {
    indicator: withoutUnused(indicator),
    version,
    ownTlp: fixedTlp(object),
    markings: markings.length === 0 ? noMarkings : markings,
    creator: lists.shareText(creatorOf(object)),
  };
}

/**
 * Reads the objects of one poll of a feed, page by page, into a change, which touches nothing of what the feed holds. The
 * newest `modified` of an id wins, in both directions: a newer version that is not revoked brings an indicator back. Of
 * two with the same `modified`, which STIX leaves undefined, the one of a later poll wins, within one poll the one with
 * the greater digest; so pages may be cut anywhere. What other objects say of an indicator counts wherever they come.
 */
export class FeedReading {
  readonly #start: ReadingStart;
  readonly #held: HeldTable;
  readonly #context: ContextDraft;
  #base: HeldTable;
  #invalid: number;
  #weight: number;
  #deleted: number;

  constructor(start: ReadingStart) {
    this.#start = start;
    this.#held = new HeldTable(start.settings, start.lists);
    this.#context = start.context.draft();
    this.#base = start.held;
    this.#invalid = start.invalid;
    this.#weight = start.weight;
    this.#deleted = start.full ? start.held.size : 0;
  }

  /** Distinct indicators read: the feed will hold as many at least. */
  get size(): number {
    return this.#held.size;
  }

  get contextSize(): number {
    return this.#context.size;
  }

  /** Reads a page in slices. What the feed holds must not change until the change is made. */
  *take(objects: readonly StixObject[]): Generator<undefined, void> {
    if (!this.#start.full && this.#base.isWasteful) this.#base = yield* this.#base.compact();
    for (const [place, object] of objects.entries()) {
      if (place % sliceObjects === 0) yield;
      if (object['type'] === 'indicator') this.#takeIndicator(object);
      else this.#context.take(object);
    }
  }

  /** What all pages together change. */
  *end(): Generator<undefined, Change> {
    const { context } = this.#context;
    yield* context.prepare();
    const isNews = this.#deleted > 0 || !(yield* this.#base.hasVersionsOf(this.#held));
    return {
      held: this.#held,
      base: this.#base,
      context,
      invalid: this.#invalid,
      full: this.#start.full,
      weight: this.#weight,
      deleted: this.#deleted,
      isNews,
    };
  }

  #takeIndicator(object: StixObject): void {
    const { settings, lists, full } = this.#start;
    const version = versionOf(object)?.key;
    const indicator = readIndicator(object, settings, lists);
    if (version === undefined || !('id' in indicator)) {
      this.#invalid += 1;
      return;
    }
    const { id } = indicator;
    const rival = this.#held.get(id);
    const before = rival ?? (full ? undefined : this.#base.get(id));
    if (before !== undefined && before.version > version) return;
    if (rival?.version === version && digestText(rival.indicator) >= digestText(indicator)) return;
    const now = hold(indicator, object, version, lists);
    this.#weight += weightOf(now) - (before === undefined ? 0 : weightOf(before));
    if (full && rival === undefined && this.#base.numberOf(id) !== -1) this.#deleted -= 1;
    this.#held.set(now);
  }
}
