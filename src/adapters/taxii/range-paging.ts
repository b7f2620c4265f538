import { readContentRange } from './content-range.ts';
import { type Page, type PageRequest, type Paging, type PagingSettings, seenAgain, SeenPages } from './paging.ts';

/**
 * Paging of TAXII 2.0 (§3.4): `Range: items 0-99`, answered by 206 and `Content-Range: items 0-99/250`, by 200 where the
 * answer is everything, or by 416 past the end. Objects are in the order of their date added, and one that is updated or
 * removed in the middle of a walk moves all that follow towards the beginning, past the place that is asked next. So
 * every page begins with the last object of the page before; where it does not, the walk goes back until it does.
 */
export class RangePaging implements Paging {
  readonly #settings: PagingSettings;
  readonly #seen = new SeenPages();
  /** The last page that followed on what came before it. */
  #anchor: ReadonlySet<string> = new Set();
  #start = 0;

  constructor(settings: PagingSettings) {
    this.#settings = settings;
  }

  request(): PageRequest {
    const { addedAfter, matchTypes } = this.#settings;
    const parameters: [string, string][] = [];
    if (addedAfter !== null) parameters.push(['added_after', addedAfter]);
    if (matchTypes.length > 0) parameters.push(['match[type]', matchTypes.join(',')]);
    return { parameters, range: `items ${this.#start}-${this.#start + this.#limit - 1}` };
  }

  goesOn({ envelope, status, headers, keys }: Page): boolean {
    const { refuse } = this.#settings;
    if (envelope.more === true || envelope.next !== null) {
      throw refuse('invalid_answer', 'it pages in the manner of TAXII 2.1, and 2.0 was asked for');
    }
    if (keys.length === 0) return this.#goBack();
    const range = readContentRange(headers.get('content-range'));
    if (range === null && status !== 206) return false;
    const { first, last, total } = range ?? {
      first: this.#start,
      last: this.#start + keys.length + envelope.malformed - 1,
      total: null,
    };
    if (first !== this.#start) {
      throw refuse('no_progress', `it gave items ${first} to ${last} where those from ${this.#start} on were asked`);
    }
    if (first > 0 && !keys.some((key) => this.#anchor.has(key))) return this.#goBack();
    if (total !== null && last + 1 >= total) return false;
    if (keys.length === 1 && this.#anchor.has(keys[0] ?? '')) return this.#endsAlone(total);
    if (!this.#seen.add(keys)) throw refuse('no_progress', seenAgain);
    this.#anchor = new Set(keys);
    this.#start = last;
    return true;
  }

  /** Nothing follows the last object of the page before, unless the server gives one object a page. */
  #endsAlone(total: number | null): false {
    if (total === null || this.#anchor.size > 1) return false;
    throw this.#settings.refuse('no_progress', 'it gives one object a page, and at least two are wanted');
  }

  /** One is the last object of the page before. */
  get #limit(): number {
    return Math.max(2, this.#settings.limit);
  }

  /** False at the beginning: there is nothing before it. */
  #goBack(): boolean {
    const isBeginning = this.#start === 0;
    this.#start = Math.max(0, this.#start - Math.max(this.#limit, this.#anchor.size));
    return !isBeginning;
  }
}
