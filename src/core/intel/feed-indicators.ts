import { Sliced } from '../sliced.ts';
import { type Digest, digestIndicator } from './content-digest.ts';
import { FactTable } from './fact-table.ts';
import type { FeedContent, HeldIndicator, StoredContent } from './feed-content.ts';
import { FeedContext } from './feed-context.ts';
import { FeedCut, ReplacedVersions } from './feed-cut.ts';
import { applyPolicy } from './feed-policy.ts';
import { type Change, FeedReading, weightOf } from './feed-reading.ts';
import { HeldTable } from './held-table.ts';
import type { Indicator } from './indicator.ts';
import { SharedLists, type SourceSettings } from './indicator-reader.ts';

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

/** A change on its way into what is held. */
interface Making {
  readonly before: FeedCut;
  readonly steps: Sliced<void>;
}

/** Indicators and facts taken between two pauses. */
const sliceIndicators = 128;

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
  #making: Making | null = null;

  constructor(settings: SourceSettings, lists = new SharedLists()) {
    this.settings = settings;
    this.#lists = lists;
    this.#held = this.#newTable();
  }

  /**
   * Goes on in slices where a set that was read without any policy ends; `lists` are those its lists were shared by.
   * Throws what reading it throws.
   */
  static *restoring(
    { settings, invalid, held, facts }: StoredContent,
    lists: SharedLists,
  ): Generator<undefined, FeedIndicators> {
    const feed = new FeedIndicators(settings, lists);
    feed.#invalid = invalid;
    let taken = 0;
    for (const each of held) {
      if (taken % sliceIndicators === 0) yield;
      taken += 1;
      const restored = { ...each, indicator: applyPolicy(each.indicator, settings) };
      feed.#held.set(restored);
      feed.#weight += weightOf(restored);
    }
    const table = new FactTable();
    for (const [id, fact] of facts) {
      if (table.size % sliceIndicators === 0) yield;
      table.set(id, fact);
    }
    feed.#context = new FeedContext(table);
    yield* feed.#context.prepare();
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

  /** Begins to read the objects of a poll; with `full` they are everything the feed holds. */
  read(full: boolean): FeedReading {
    return new FeedReading({
      settings: this.settings,
      lists: this.#lists,
      held: this.#held,
      context: full ? new FeedContext() : this.#context,
      invalid: full ? 0 : this.#invalid,
      weight: full ? 0 : this.#weight,
      full,
    });
  }

  /** Does in slices most of what make() does. Until that a cut shows what was held before. */
  prepare(change: Change): Sliced<void> {
    this.#making ??= { before: this.cut(), steps: new Sliced(this.#prepared(change)) };
    return this.#making.steps;
  }

  /** Makes a change that was read from this feed as it is now. Returns how many indicators it deleted. */
  make(change: Change): number {
    this.prepare(change).finish();
    this.#making = null;
    this.#context = change.context;
    this.#invalid = change.invalid;
    this.#weight = change.weight;
    return change.deleted;
  }

  *#prepared({ held, base, full }: Change): Generator<undefined, void> {
    const next = full ? held : base;
    if (next !== this.#held) this.#replaced = null;
    this.#held = next;
    if (full) return;
    for (let number = 0; number < held.size; number += 1) {
      if (number % sliceIndicators === 0) yield;
      const before = base.numberOf(held.idOf(number));
      if (before !== -1) this.#replaced?.keep(before, base.place(before));
      base.take(held, number);
    }
  }

  /** What is held now, whatever changes later. Costs nothing, and what it keeps alive goes with it. */
  cut(): FeedCut {
    if (this.#making !== null) return this.#making.before;
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
