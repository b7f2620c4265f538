import { readContentRange } from './content-range.ts';
import { type Page, type PageRequest, type Paging, type PagingSettings, seenAgain, SeenPages } from './paging.ts';

/**
 * Paging of TAXII 2.0 (§3.4): `Range: items 0-99`, answered by 206 and `Content-Range: items 0-99/250`, by 200 where the
 * answer is everything, or by 416 past the end. Objects are in the order of their date added, so new ones come last.
 */
export class RangePaging implements Paging {
  readonly #settings: PagingSettings;
  readonly #seen = new SeenPages();
  #start = 0;
  #total = 0;

  constructor(settings: PagingSettings) {
    this.#settings = settings;
  }

  request(): PageRequest {
    const { addedAfter, matchTypes, limit } = this.#settings;
    const parameters: [string, string][] = [];
    if (addedAfter !== null) parameters.push(['added_after', addedAfter]);
    if (matchTypes.length > 0) parameters.push(['match[type]', matchTypes.join(',')]);
    return { parameters, range: `items ${this.#start}-${this.#start + limit - 1}` };
  }

  goesOn({ envelope, status, headers, keys }: Page): boolean {
    const { refuse } = this.#settings;
    if (envelope.more === true || envelope.next !== null) {
      throw refuse('invalid_answer', 'it pages in the manner of TAXII 2.1, and 2.0 was asked for');
    }
    if (keys.length === 0) return this.#endsAt(this.#start);
    const range = readContentRange(headers.get('content-range'));
    if (range === null) {
      if (status !== 206) return false;
      this.#start += keys.length + envelope.malformed;
    } else {
      const { first, last, total } = range;
      if (first !== this.#start) {
        throw refuse('no_progress', `it gave items ${first} to ${last} where those from ${this.#start} on were asked`);
      }
      this.#start = last + 1;
      if (total !== null && this.#start >= total) return this.#endsAt(total);
      if (total !== null) this.#grow(total);
    }
    if (!this.#seen.add(keys)) throw refuse('no_progress', seenAgain);
    return true;
  }

  #endsAt(total: number): false {
    this.#grow(total);
    return false;
  }

  /** What vanishes in the middle of a walk moves the rest towards its beginning, past the place that is asked next. */
  #grow(total: number): void {
    if (total < this.#total) {
      const seen = `it shrank from ${this.#total} to ${total} objects in the middle of a walk`;
      throw this.#settings.refuse('invalid_answer', seen, true);
    }
    this.#total = total;
  }
}
