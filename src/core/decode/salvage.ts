import type { DeadLetterReason } from './decoded.ts';
import { parseJson } from './fields.ts';
import { recordStarts } from './record-start.ts';

/** Takes what a salvage finds, in the order of the text. */
export interface SalvageListener {
  /** A JSON object. */
  readonly onValue: (value: unknown) => void;
  /** Text between objects, or of an object that is no JSON. */
  readonly onBroken: (text: string, reason: DeadLetterReason) => void;
}

/**
 * Record starts that the search for the end of an object may pass. More would make text of many records that never end
 * quadratic; fewer could cut a broken record that holds a list of objects resembling records.
 */
const mostStartsInside = 16;

/** What, beside blanks, stands between records in lists, line-delimited and sequenced (RFC 7464) documents. */
const separators = ',;[]{}\u001e\u0000\ufeff';

const envelopeStart = /\{\s*"records"\s*:\s*\[/iy;

/**
 * Finds the records in a text that is no JSON document as a whole: one broken record in a batch, documents one after
 * the other or one a line, text between them, a truncated end. Follows braces, leaving those in strings aside; when an
 * object turns out to be no JSON or never to end, goes on at the next place where a record seems to start. Linear in
 * the length of the text.
 */
export function salvage(text: string, listener: SalvageListener): void {
  const walk = new Walk(text, listener);
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('{', at);
    walk.between(at, open === -1 ? text.length : open);
    if (open === -1) return;
    envelopeStart.lastIndex = open;
    at = envelopeStart.test(text) ? envelopeStart.lastIndex : walk.object(open);
  }
}

class Walk {
  readonly #text: string;
  readonly #listener: SalvageListener;
  #starts: readonly number[] | null = null;
  #nextStart = 0;

  constructor(text: string, listener: SalvageListener) {
    this.#text = text;
    this.#listener = listener;
  }

  /** Reports text between objects that is more than punctuation. */
  between(start: number, end: number): void {
    let from = start;
    while (from < end && isSeparator(this.#text.charAt(from))) from++;
    if (from < end) this.#listener.onBroken(this.#text.slice(from, end), 'invalid_json');
  }

  /** Reads the object that opens here; answers where to go on. */
  object(open: number): number {
    const end = objectEnd(this.#text, open, this.#startAfter(open, mostStartsInside) ?? this.#text.length);
    if (end !== -1) {
      const value = parseJson(this.#text.slice(open, end));
      if (value !== undefined) {
        this.#listener.onValue(value);
        return end;
      }
    }
    const next = this.#startAfter(open, 1);
    const brokenEnd = this.#brokenEnd(end, next);
    const reason = end === -1 && next === undefined ? 'truncated' : 'invalid_json';
    this.#listener.onBroken(this.#text.slice(open, brokenEnd), reason);
    return brokenEnd;
  }

  /** Where a broken object ends: at its brace, if that is its own, else where the next record starts. */
  #brokenEnd(end: number, next = this.#text.length): number {
    if (end === -1 || next < end) return next;
    let after = end;
    while (after < next && isSeparator(this.#text.charAt(after))) after++;
    // Text right behind the brace says that the brace stood in a single-quoted string.
    return after > end || after === next ? end : next;
  }

  /** The count-th record start behind a place. Places only grow, so each start is passed once. */
  #startAfter(place: number, count: number): number | undefined {
    this.#starts ??= recordStarts(this.#text);
    while ((this.#starts[this.#nextStart] ?? Infinity) <= place) this.#nextStart++;
    return this.#starts[this.#nextStart + count - 1];
  }
}

function isSeparator(char: string): boolean {
  return separators.includes(char) || /\s/.test(char);
}

/** Place behind the brace that closes the object, -1 when there is none before the limit. */
function objectEnd(text: string, open: number, limit: number): number {
  let depth = 0;
  let inString = false;
  for (let at = open; at < limit; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) inString = !inString;
    else if (inString) {
      if (code === 0x5c) at++;
    } else if (code === 0x7b) depth++;
    else if (code === 0x7d && --depth === 0) return at + 1;
  }
  return -1;
}
