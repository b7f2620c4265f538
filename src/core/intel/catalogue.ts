import type { CloseReason } from '../alert/alert.ts';
import { ByteReader } from '../state/byte-reader.ts';
import { feedTextsMax, readFeed } from '../state/feed-codec.ts';
import { Sliced } from '../sliced.ts';
import { feedExportSteps } from '../state/feed-export.ts';
import type { IndicatorIndex } from './address-index.ts';
import { type BuildOptions, catalogueSteps } from './catalogue-build.ts';
import { loweredAt } from './confidence.ts';
import type { FeedCounts } from './feed-counts.ts';
import { CatalogueReading, type FeedChange } from './catalogue-reading.ts';
import { FeedIndicators, type HeldFeed } from './feed-indicators.ts';
import { type Indicator, isValidAt, sightingOf } from './indicator.ts';
import { SharedLists, type SourceSettings } from './indicator-reader.ts';
import type { StixObject } from './stix-object.ts';

export interface Applied {
  readonly applied: true;
  /** Indicators that a full set no longer named. */
  readonly deleted: number;
  /** Whether it brought a version of an indicator that was not held, or deleted one. */
  readonly isNews: boolean;
}

/** Nothing was taken: the feed is held as it was before. */
export interface Refused {
  readonly applied: false;
  readonly code: 'too_many_indicators';
  readonly retryable: false;
  readonly message: string;
}

export interface Restored {
  readonly restored: true;
}

/** A set that was not taken: the feed is held as it was before, and has to be fetched whole. */
export interface NotRestored {
  readonly restored: false;
  readonly code: 'set_unreadable' | 'settings_changed' | 'too_many_indicators';
  readonly retryable: false;
  readonly message: string;
  readonly cause?: unknown;
}

function refused(message: string): Refused {
  return { applied: false, code: 'too_many_indicators', retryable: false, message };
}

/** The settings that a set cannot be read anew by, each compared by its value. */
const settingNames = [
  'name',
  'defaultConfidence',
  'tlp',
  'maxAgeMs',
  'useDstRef',
] as const satisfies readonly (keyof SourceSettings)[];

/**
 * The newest version of every indicator of every feed: by (source, STIX id), so that feeds never overwrite each other.
 * Bounded: what would pass the bound is refused whole, and the feed stays as it was.
 */
export class IndicatorCatalogue {
  readonly #max: number;
  readonly #feeds = new Map<string, FeedIndicators>();
  #counts: readonly FeedCounts[] = [];

  /** `max` bounds the indicators over all feeds, one that names many addresses counting as many, and their context. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Indicators held over all feeds, one that names many addresses counting as many. */
  get weight(): number {
    return [...this.#feeds.values()].reduce((sum, { weight }) => sum + weight, 0);
  }

  /**
   * Begins to read what a poll of a feed delivers, without changing anything. With `full` the objects are everything the
   * feed holds, and what they do not name will be deleted. The index changes with the next build after make().
   */
  beginRead(source: SourceSettings, { full }: { readonly full: boolean }): CatalogueReading {
    const feed = this.#feeds.get(source.name) ?? new FeedIndicators(source);
    return new CatalogueReading(feed, full, (size, contextSize) => this.#excessOf(source.name, size, contextSize));
  }

  /** Does in slices most of what make() does; null for what it refuses. Until it is made, exports show what was held before. */
  prepare({ feed, change }: FeedChange): Sliced<void> | null {
    const { name } = feed.settings;
    return this.#excess(name, change.weight, change.context.size) === null ? feed.prepare(change) : null;
  }

  /** Makes a change that was read from what is held now, or refuses it. */
  make({ feed, change }: FeedChange): Applied | Refused {
    const { name } = feed.settings;
    const message = this.#excess(name, change.weight, change.context.size);
    if (message !== null) return refused(message);
    this.#feeds.set(name, feed);
    return { applied: true, deleted: feed.make(change), isNews: change.isNews };
  }

  /** Reads and makes a change in one go. */
  apply(source: SourceSettings, objects: readonly StixObject[], set: { readonly full: boolean }): Applied | Refused {
    const reading = this.beginRead(source, set);
    reading.take(objects).finish();
    return this.make(reading.end().finish());
  }

  /** What is held of a feed now, on its way into bytes while the feed may go on changing; null for an unknown feed. */
  beginExport(source: string): Sliced<Uint8Array> | null {
    const feed = this.#feeds.get(source);
    return feed === undefined ? null : new Sliced(feedExportSteps(feed.cut()));
  }

  /** What is held of a feed as bytes, null for an unknown feed. */
  export(source: string): Uint8Array | null {
    return this.beginExport(source)?.finish() ?? null;
  }

  /**
   * Takes the exported set of a feed in place of what is held of it, in slices; the feed then goes on as the one it was
   * exported from. A set that was read with other settings is refused, since what they decided cannot be decided anew
   * from it.
   */
  beginRestore(settings: SourceSettings, bytes: Uint8Array): Sliced<Restored | NotRestored> {
    return new Sliced(this.#restoring(settings, bytes));
  }

  /** Takes an exported set in one go. */
  restore(settings: SourceSettings, bytes: Uint8Array): Restored | NotRestored {
    return this.beginRestore(settings, bytes).finish();
  }

  /** Builds the index over what is held now, in slices; nothing may be applied or restored meanwhile. */
  beginBuild(options: BuildOptions): Sliced<IndicatorIndex> {
    return new Sliced(this.#building(options));
  }

  /** Builds the index over what is held now, in one go. */
  build(options: BuildOptions): IndicatorIndex {
    return this.beginBuild(options).finish();
  }

  /** What became of the indicators of each feed, as of the last build. */
  counts(): readonly FeedCounts[] {
    return this.#counts;
  }

  /** What is held of every feed now, whatever changes later. */
  held(): readonly HeldFeed[] {
    return [...this.#feeds.values()].map((feed) => feed.heldNow());
  }

  /** The newest version of an indicator that is held. */
  indicator(source: string, id: string): Indicator | undefined {
    return this.#feeds.get(source)?.indicator(id);
  }

  /** Why an indicator that matched an address before does not match it any more. */
  reasonGone(source: string, id: string, nowMs: number, minConfidence: number): CloseReason {
    const indicator = this.indicator(source, id);
    if (indicator === undefined) return 'indicator-deleted';
    if (indicator.revoked) return 'indicator-revoked';
    if (indicator.confidence === null || indicator.confidence < minConfidence) return 'indicator-lowered';
    const lowered = loweredAt(indicator, minConfidence);
    if (lowered <= nowMs && lowered < indicator.validUntilMs) return 'indicator-lowered';
    if (!isValidAt(indicator, nowMs)) return 'indicator-expired';
    const sightings = indicator.observables.map((observable) => sightingOf(indicator, observable).indicator);
    if (sightings.length > 0 && sightings.every((narrowed) => !isValidAt(narrowed, nowMs))) return 'indicator-expired';
    // It counts as much as ever, so the address is no longer what it names.
    return 'indicator-deleted';
  }

  *#building(options: BuildOptions): Generator<undefined, IndicatorIndex> {
    const { index, counts } = yield* catalogueSteps(this.#feeds.values(), options);
    this.#counts = counts;
    return index;
  }

  *#restoring(settings: SourceSettings, bytes: Uint8Array): Generator<undefined, Restored | NotRestored> {
    const refuse = (code: NotRestored['code'], message: string, cause?: unknown): NotRestored => ({
      restored: false,
      code,
      retryable: false,
      message,
      cause,
    });
    const { name } = settings;
    const lists = new SharedLists();
    let feed: FeedIndicators;
    try {
      const content = readFeed(new ByteReader(bytes, feedTextsMax), lists);
      const changed = settingNames.find((each) => content.settings[each] !== settings[each]);
      if (changed !== undefined) {
        const [before, now] = [String(content.settings[changed]), String(settings[changed])];
        return refuse(
          'settings_changed',
          `Cannot restore the set of feed ${name} as it was read with ${changed} ${before}: current value is ${now}`,
        );
      }
      feed = yield* FeedIndicators.restoring({ ...content, settings }, lists);
    } catch (cause) {
      return refuse('set_unreadable', `Cannot restore the set of feed ${name}: ${String(cause)}`, cause);
    }
    const message = this.#excess(name, feed.weight, feed.contextSize);
    if (message !== null) return refuse('too_many_indicators', message);
    this.#feeds.set(name, feed);
    return { restored: true };
  }

  /** What is wrong with a feed that would weigh so much and have so large a context; null when it fits. */
  #excess(source: string, weight: number, contextSize: number): string | null {
    const others = [...this.#feeds].filter(([name]) => name !== source).map(([, feed]) => feed);
    const indicators = others.reduce((sum, feed) => sum + feed.weight, weight);
    const context = others.reduce((sum, feed) => sum + feed.contextSize, contextSize);
    return this.#excessOf(source, indicators, context);
  }

  #excessOf(source: string, indicators: number, context: number): string | null {
    if (indicators <= this.#max && context <= this.#max) return null;
    const [what, count] = indicators > this.#max ? ['indicators', indicators] : ['related objects', context];
    return `Cannot take feed ${source} as INDICATORS_MAX allows ${this.#max} ${what} over all feeds: current value is ${count}`;
  }
}
