import { type Digest, digestIndicator } from './content-digest.ts';
import { applyPolicy } from './feed-policy.ts';
import type { FeedContent, HeldIndicator } from './feed-content.ts';
import { FeedContext } from './feed-context.ts';
import { FeedCut, ReplacedVersions } from './feed-cut.ts';
import { HeldTable } from './held-table.ts';
import type { Indicator } from './indicator.ts';
import {
  creatorOf,
  fixedTlp,
  markingRefs,
  readIndicator,
  SharedLists,
  type SourceSettings,
  versionOf,
} from './indicator-reader.ts';
import { hidingReason } from './named-value.ts';
import type { StixObject } from './stix-object.ts';
import { tlpOfMarkingId } from './tlp.ts';

/** The newest version of an indicator with what the rest of its feed adds, the digest of that, and where it is kept. */
export interface FeedEntry {
  readonly indicator: Indicator;
  readonly digest: Digest;
  readonly place: number;
}

/** Indicators by the places where they lie. */
export interface IndicatorPlaces {
  indicator(place: number): Indicator;
}

/** What a feed held at one moment, however it changes afterwards. */
export interface HeldFeed {
  readonly content: FeedContent;
  /** One of those held, with what the rest of the feed added to it at that moment. */
  readonly complete: (held: HeldIndicator) => Indicator;
}

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

/** Objects read between two pauses. */
const sliceObjects = 128;

/** An indicator that names many addresses weighs as much as many. */
function weightOf({ indicator }: HeldIndicator): number {
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

/** The newest version of every indicator of one feed, with the context of the feed. */
export class FeedIndicators {
  readonly settings: SourceSettings;
  #held: HeldTable;
  #context = new FeedContext();
  readonly #lists: SharedLists;
  #weight = 0;
  #invalid = 0;
  /** What changes since the newest cut replaced; null while there is no cut of this set. */
  #replaced: ReplacedVersions | null = null;

  constructor(settings: SourceSettings, lists = new SharedLists()) {
    this.settings = settings;
    this.#lists = lists;
    this.#held = this.#newTable();
  }

  /** Goes on where a content that was read without any policy ends; `lists` are those its lists were shared by. */
  static of({ settings, invalid, held, facts }: FeedContent, lists: SharedLists): FeedIndicators {
    const feed = new FeedIndicators(settings, lists);
    feed.#context = new FeedContext(new Map(facts));
    feed.#invalid = invalid;
    for (const each of held) {
      const restored = { ...each, indicator: applyPolicy(each.indicator, settings) };
      feed.#held.set(restored);
      feed.#weight += weightOf(restored);
    }
    return feed;
  }

  get weight(): number {
    return this.#weight;
  }

  get contextSize(): number {
    return this.#context.size;
  }

  /** Objects that named no indicator and no version, since the last full set. */
  get invalid(): number {
    return this.#invalid;
  }

  /**
   * Reads objects into a change in slices, without making it. The newest `modified` of an id wins, in both directions: a newer
   * version that is not revoked brings an indicator back. Of two with the same `modified`, which STIX leaves undefined,
   * the one delivered in a later call wins, within one call the one with the greater digest. Of a full set only the set
   * itself counts.
   */
  *read(objects: readonly StixObject[], full: boolean): Generator<undefined, Change> {
    const base = !full && this.#held.isWasteful ? yield* this.#held.compact() : this.#held;
    const held = this.#newTable();
    const others: StixObject[] = [];
    let invalid = full ? 0 : this.#invalid;
    let weight = full ? 0 : this.#weight;
    let deleted = full ? base.size : 0;
    for (const [place, object] of objects.entries()) {
      if (place % sliceObjects === 0) yield;
      if (object['type'] !== 'indicator') {
        others.push(object);
        continue;
      }
      const version = versionOf(object)?.key;
      const indicator = readIndicator(object, this.settings, this.#lists);
      if (version === undefined || !('id' in indicator)) {
        invalid += 1;
        continue;
      }
      const { id } = indicator;
      const rival = held.get(id);
      const before = rival ?? (full ? undefined : base.get(id));
      if (before !== undefined && before.version > version) continue;
      if (rival?.version === version && digestText(rival.indicator) >= digestText(indicator)) continue;
      const now = hold(indicator, object, version, this.#lists);
      weight += weightOf(now) - (before === undefined ? 0 : weightOf(before));
      if (full && rival === undefined && base.numberOf(id) !== -1) deleted -= 1;
      held.set(now);
    }
    const context = (full ? new FeedContext() : this.#context).with(others);
    const isNews = deleted > 0 || !(yield* base.hasVersionsOf(held));
    return { held, base, context, invalid, full, weight, deleted, isNews };
  }

  /** Makes a change that was read from this feed as it is now. Returns how many indicators it deleted. */
  make({ held, base, context, invalid, full, weight, deleted }: Change): number {
    const next = full ? held : base;
    if (next !== this.#held) this.#replaced = null;
    this.#held = next;
    if (!full) this.#add(held);
    this.#context = context;
    this.#invalid = invalid;
    this.#weight = weight;
    return deleted;
  }

  #add(held: HeldTable): void {
    for (let number = 0; number < held.size; number += 1) {
      const before = this.#held.numberOf(held.idOf(number));
      if (before !== -1) this.#replaced?.keep(before, this.#held.place(before));
      this.#held.take(held, number);
    }
  }

  /** What is held now, whatever changes later. Costs nothing, and what it keeps alive goes with it. */
  cut(): FeedCut {
    this.#replaced = this.#replaced?.follow() ?? new ReplacedVersions();
    const { settings, invalid } = this;
    return new FeedCut({
      settings,
      invalid,
      facts: this.#context.facts,
      versions: this.#held,
      replaced: this.#replaced,
    });
  }

  /** What is held now, with what the feed says of each. */
  heldNow(): HeldFeed {
    const context = this.#context;
    return {
      content: this.cut(),
      complete: ({ indicator, ownTlp, markings, creator }) => context.enrich(indicator, ownTlp, markings, creator),
    };
  }

  /** The newest version of an indicator with what its feed says of it. */
  indicator(id: string): Indicator | undefined {
    const number = this.#held.numberOf(id);
    return number === -1 ? undefined : this.places().indicator(this.#held.place(number));
  }

  /** What lies where, with what the feed says of it now; later changes of the feed change neither. */
  places(): IndicatorPlaces {
    const [table, context] = [this.#held, this.#context];
    return {
      indicator: (place) => {
        const { indicator, ownTlp, markings, creator } = table.read(place);
        return context.enrich(indicator, ownTlp, markings, creator);
      },
    };
  }

  *all(): Generator<FeedEntry> {
    for (let number = 0; number < this.#held.size; number += 1) {
      const place = this.#held.place(number);
      const { indicator: own, ownTlp, markings, creator } = this.#held.read(place);
      const indicator = this.#context.enrich(own, ownTlp, markings, creator);
      yield { indicator, digest: indicator === own ? this.#held.digest(number) : digestIndicator(indicator), place };
    }
  }

  #newTable(): HeldTable {
    return new HeldTable(this.settings, this.#lists);
  }
}
