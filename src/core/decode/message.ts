import type { AzureRecord } from '../record.ts';
import { readActivity } from './activity.ts';
import { mentionsWanted } from './category.ts';
import type { DeadLetterReason, DecodedMessage, UnreadableRecord } from './decoded.ts';
import type { Fields } from './fields.ts';
import { field, isFields, parseJson } from './fields.ts';
import { repair } from './repair.ts';
import { route } from './route.ts';
import { salvage } from './salvage.ts';
import { readSignIn } from './sign-in.ts';

/** Most bytes of raw text that a dead letter keeps. */
const deadLetterBytes = 64 * 1024;

/** Most bytes of the name of an unknown category. */
const categoryBytes = 128;

/** Envelopes, lists and texts that may lie in each other around a record. Azure nests two. */
const deepestEnvelope = 8;

const utf8 = new TextDecoder('utf-8');

/**
 * Reads a message body of any shape: `{"records":[…]}`, a list, one record, documents one after the other or one a
 * line, with or without a byte order mark, damaged or not JSON at all. Never throws; time and memory are linear in the
 * size of the body. Every raw record is counted in exactly one place (see DecodedMessage), and one that cannot be read
 * costs its neighbours nothing.
 */
export function decodeMessage(body: Uint8Array): DecodedMessage {
  const decoding = new Decoding();
  decoding.text(utf8.decode(body), 0);
  return decoding.message();
}

class Decoding {
  readonly #records: AzureRecord[] = [];
  readonly #unknown: string[] = [];
  readonly #deadLetters: UnreadableRecord[] = [];
  #unwanted = 0;
  #noise = 0;
  #total = 0;

  message(): DecodedMessage {
    return {
      records: this.#records,
      unwanted: this.#unwanted,
      unknown: this.#unknown,
      noise: this.#noise,
      deadLetters: this.#deadLetters,
      total: this.#total,
    };
  }

  /** Takes a whole document, or what is left of one. */
  text(text: string, depth: number): void {
    const value = parseJson(text);
    if (value !== undefined) {
      this.#value(value, depth, text);
      return;
    }
    const before = this.#total;
    salvage(text, {
      onValue: (found) => this.#value(found, depth, text),
      onBroken: (broken, reason) => this.#broken(broken, reason, depth),
    });
    // A start of an envelope with nothing behind it leaves no record, and yet something was lost.
    if (this.#total === before && /\S/.test(text)) this.#unreadable(text, 'truncated');
  }

  /** Unwraps envelopes, lists and texts that hold JSON down to the records. `document` is the text it all came from. */
  #value(value: unknown, depth: number, document: string): void {
    if (depth > deepestEnvelope) {
      this.#unreadable(textOfValue(value, document), 'too_deep');
    } else if (Array.isArray(value)) {
      for (const element of value as readonly unknown[]) this.#value(element, depth + 1, document);
    } else if (isFields(value)) {
      const records = field(value, 'records');
      if (holdsRecords(records)) this.#value(records, depth + 1, document);
      else this.#record(value);
    } else if (typeof value === 'string' && looksLikeJson(value)) {
      this.text(value, depth + 1);
    } else {
      this.#unreadable(textOfValue(value, document), 'not_an_object');
    }
  }

  #record(fields: Fields): void {
    const index = this.#total++;
    const target = route(fields);
    if (target.outcome === 'unwanted') this.#unwanted++;
    else if (target.outcome === 'unknown') this.#unknown.push(cut(target.category, categoryBytes));
    else if (target.stream === 'activity') this.#records.push(readActivity(fields, target.category, index));
    else this.#records.push(readSignIn(fields, target.stream, target.category, index));
  }

  /** Mends a broken record where it is worth it. */
  #broken(text: string, reason: DeadLetterReason, depth: number): void {
    const wanted = mentionsWanted(text);
    const mended = wanted ? parseJson(repair(text)) : undefined;
    if (isFields(mended)) this.#value(mended, depth, text);
    else this.#unreadable(text, reason, wanted);
  }

  #unreadable(text: string, reason: DeadLetterReason, wanted = mentionsWanted(text)): void {
    const index = this.#total++;
    if (wanted) this.#deadLetters.push({ index, reason, text: cut(text, deadLetterBytes) });
    else this.#noise++;
  }
}

function holdsRecords(value: unknown): boolean {
  return Array.isArray(value) || isFields(value) || (typeof value === 'string' && looksLikeJson(value));
}

function looksLikeJson(text: string): boolean {
  return /^\s*[[{]/.test(text);
}

/** JSON text of a value, or of all that it stood in when it nests too deep to be written. */
function textOfValue(value: unknown, document: string): string {
  try {
    return JSON.stringify(value);
  } catch {
    return document;
  }
}

/** The beginning of a text that is at most as long, as a copy: a slice would keep the whole message alive. */
function cut(text: string, mostBytes: number): string {
  if (text.length <= mostBytes / 3) return text;
  const bytes = new Uint8Array(Math.min(mostBytes, text.length * 3));
  const { written } = new TextEncoder().encodeInto(text, bytes);
  return utf8.decode(bytes.subarray(0, written));
}
