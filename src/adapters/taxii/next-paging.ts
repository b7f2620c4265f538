import { compareDateAdded, shiftDateAdded } from './date-added.ts';
import { type Page, type PageRequest, type Paging, type PagingSettings, seenAgain, SeenPages } from './paging.ts';

const LIMIT_MOST = 100_000;
const LIMIT_GROWTH = 10;
const EMPTY_PAGES_FOLLOWED = 3;

/** Paging of TAXII 2.1 (§3.5, §5.4): by `next`, or by the date of the last object where a server gives none. */
export class NextPaging implements Paging {
  readonly #settings: PagingSettings;
  readonly #seen = new SeenPages();
  #addedAfter: string | null;
  #limit: number;
  #next: string | null = null;
  #emptyPages = 0;

  constructor(settings: PagingSettings) {
    this.#settings = settings;
    this.#addedAfter = settings.addedAfter;
    this.#limit = settings.limit;
  }

  /** `next` goes with the same other parameters, limit included: without it medallion gives 500. */
  request(): PageRequest {
    const { matchTypes } = this.#settings;
    const parameters: [string, string][] = [['limit', String(this.#limit)]];
    if (this.#addedAfter !== null) parameters.push(['added_after', this.#addedAfter]);
    if (matchTypes.length > 0) parameters.push(['match[type]', matchTypes.join(',')]);
    if (this.#next !== null) parameters.push(['next', this.#next]);
    return { parameters, range: null };
  }

  goesOn({ envelope, last, keys, isFresh }: Page): boolean {
    if (keys.length === 0) {
      this.#emptyPages += 1;
      return this.#emptyPages <= EMPTY_PAGES_FOLLOWED && envelope.more === true && this.#follow(envelope.next);
    }
    this.#emptyPages = 0;
    // `more` decides; a server that leaves it out and gives `next` means more, one that says false does not.
    if (envelope.more === false || (envelope.more === undefined && envelope.next === null)) return false;
    if (envelope.next === null) return this.#stepByDate(last, isFresh);
    if (!this.#seen.add(keys)) throw this.#settings.refuse('no_progress', seenAgain);
    return this.#follow(envelope.next);
  }

  #follow(next: string | null): boolean {
    this.#next = next;
    return next !== null;
  }

  /**
   * Continues after a page that had more and no `next`: by the date of its last object (§5.4). Objects that share the
   * date may lie on both sides of the page's end, and "after" is exclusive, so the step goes one microsecond less far
   * and drops what comes twice. When a page holds one date only, the limit is raised until it reaches past it.
   */
  #stepByDate(last: string | null, isFresh: boolean): boolean {
    const { refuse } = this.#settings;
    this.#next = null;
    if (last === null) {
      throw refuse('invalid_answer', 'it has more objects and gives neither "next" nor X-TAXII-Date-Added-Last');
    }
    const step = shiftDateAdded(last, -1);
    const advances = this.#addedAfter === null || compareDateAdded(step, this.#addedAfter) > 0;
    if (advances) {
      this.#addedAfter = step;
      return true;
    }
    if (!isFresh && this.#limit >= LIMIT_MOST) {
      throw refuse('no_progress', `it gives no more than a part of the objects added at ${last} and no "next"`);
    }
    this.#limit = Math.min(LIMIT_MOST, this.#limit * LIMIT_GROWTH);
    return true;
  }
}
