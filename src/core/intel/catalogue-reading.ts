import { Sliced } from '../sliced.ts';
import type { FeedIndicators } from './feed-indicators.ts';
import type { Change, FeedReading } from './feed-reading.ts';
import type { StixObject } from './stix-object.ts';

/** A change of one feed that was read and is not made yet. */
export interface FeedChange {
  readonly feed: FeedIndicators;
  readonly change: Change;
}

/** What a feed delivers in one poll, on its way into a change: page by page, so that no more than a page need be there. */
export class CatalogueReading {
  readonly #feed: FeedIndicators;
  readonly #reading: FeedReading;
  readonly #excessOf: (indicators: number, context: number) => string | null;

  /** `excessOf` tells what is wrong with a feed of so many indicators and related objects, null when it may fit. */
  constructor(feed: FeedIndicators, full: boolean, excessOf: (indicators: number, context: number) => string | null) {
    this.#feed = feed;
    this.#reading = feed.read(full);
    this.#excessOf = excessOf;
  }

  /** Reads a page. The feed must not change until the change is made. */
  take(objects: readonly StixObject[]): Sliced<void> {
    return new Sliced(this.#reading.take(objects));
  }

  /** Why the change is sure to be refused, whatever else the feed delivers; null while it may fit. */
  get excess(): string | null {
    return this.#excessOf(this.#reading.size, this.#reading.contextSize);
  }

  end(): Sliced<FeedChange> {
    return new Sliced(this.#steps());
  }

  *#steps(): Generator<undefined, FeedChange> {
    return { feed: this.#feed, change: yield* this.#reading.end() };
  }
}
