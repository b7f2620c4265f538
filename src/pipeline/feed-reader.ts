import type { CatalogueReading, FeedChange } from '../core/intel/catalogue-reading.ts';
import type { IndicatorCatalogue } from '../core/intel/catalogue.ts';
import type { SourceSettings } from '../core/intel/indicator-reader.ts';
import { FeedError } from '../core/feed-error.ts';
import type { FeedPage, FeedUpdate } from '../core/ports.ts';
import { OneAtATime } from './one-at-a-time.ts';
import type { Turns } from './turns.ts';

/** A whole poll, read and not made yet. */
export interface ReadPoll {
  readonly change: FeedChange;
  /** How many objects it brought. */
  readonly objects: number;
  readonly cursor: string | null;
  readonly full: boolean;
}

/**
 * Reads what polls bring, page by page in turns: a page is turned into what is kept of it before the next is fetched, so
 * that memory does not grow with the objects of a feed. Feeds are fetched side by side, their pages read one at a time.
 */
export class FeedReader {
  readonly #catalogue: IndicatorCatalogue;
  readonly #turns: Turns;
  readonly #reading = new OneAtATime();

  constructor(catalogue: IndicatorCatalogue, turns: Turns) {
    this.#catalogue = catalogue;
    this.#turns = turns;
  }

  /** Throws FeedError, what the feed throws or `too_large` as soon as it is sure to hold too much. */
  async read(settings: SourceSettings, { full, pages }: FeedUpdate): Promise<ReadPoll> {
    let reading = this.#catalogue.beginRead(settings, { full });
    let objects = 0;
    try {
      for (let next = await pages.next(); ; next = await pages.next()) {
        if (next.done === true) {
          const change = await this.#reading.run(() => this.#turns.finish(reading.end()));
          return { change, objects, cursor: next.value, full };
        }
        if (next.value.again) {
          reading = this.#catalogue.beginRead(settings, { full });
          objects = 0;
        }
        objects += next.value.objects.length;
        await this.#take(reading, next.value);
      }
    } finally {
      await pages.return(null);
    }
  }

  /** Does most of what making a change takes, in turns. */
  async prepare(change: FeedChange): Promise<void> {
    const preparation = this.#catalogue.prepare(change);
    if (preparation !== null) await this.#turns.finish(preparation);
  }

  async #take(reading: CatalogueReading, { objects }: FeedPage): Promise<void> {
    await this.#reading.run(() => this.#turns.finish(reading.take(objects)));
    const { excess } = reading;
    if (excess !== null) throw new FeedError('too_large', excess, { retryable: false });
  }
}
