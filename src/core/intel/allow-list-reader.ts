import { parseCidr, RangeSet } from '../address-range.ts';
import type { AddressRange } from '../address.ts';
import type { AllowListDocument } from './allow-list-source.ts';
import { sortedNumbers } from './sliced-sort.ts';

/** A list that cannot be read or is none; the message names the list, the place and what is wanted. */
export class AllowListError extends Error {
  override readonly name = 'AllowListError';
}

/** An entry that is no address and no range. */
export interface UnusableEntry {
  readonly path: string;
  /** Its line, or its place in the list of a JSON document; from 1. */
  readonly place: number;
  /** As written, cut where it is long. */
  readonly text: string;
}

export interface ReadAllowList {
  readonly ranges: RangeSet;
  /** Entries that were read, and those that were skipped as they are unusable. */
  readonly entries: number;
  readonly skipped: number;
  /** The first of those that were skipped. */
  readonly unusable: readonly UnusableEntry[];
}

/** Entries read between two pauses. */
const stride = 256;

/** Unusable entries that are kept to be told. */
const unusableMax = 5;

const shownMax = 80;

interface Entry {
  readonly place: number;
  /** As written; a member of a JSON list that is no text is shown as JSON. */
  readonly text: string;
}

/** The entries of a text: one a line, where "#" begins a comment. */
function* entriesOfText(text: string): Generator<Entry> {
  let place = 0;
  for (let start = 0; start < text.length;) {
    const next = text.indexOf('\n', start);
    const end = next === -1 ? text.length : next;
    const line = text.slice(start, end);
    const comment = line.indexOf('#');
    const entry = (comment === -1 ? line : line.slice(0, comment)).trim();
    place += 1;
    if (entry !== '') yield { place, text: entry };
    start = end + 1;
  }
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : JSON.stringify(value);
}

/**
 * The entries of a MISP warninglist of type cidr: `{"name", "type": "cidr", "list": ["192.0.2.0/24", …]}`
 * (https://github.com/MISP/misp-warninglists, schema.json). Its other types name no addresses.
 */
function* entriesOfWarninglist(source: string, text: string): Generator<Entry> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new AllowListError(`Cannot read ${source} as it begins like JSON and is none: ${reason}`, { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new AllowListError(
      `Cannot use ${source} as it must be a MISP warninglist, or text with one CIDR or address a line: current value is ${kindOf(value)}`,
    );
  const { type, list } = value as { readonly type?: unknown; readonly list?: unknown };
  if (type !== 'cidr')
    throw new AllowListError(`Cannot use ${source} as its type must be "cidr": current value is ${kindOf(type)}`);
  if (!Array.isArray(list))
    throw new AllowListError(`Cannot use ${source} as it must have a list: current value is ${kindOf(list)}`);
  for (const [index, entry] of (list as readonly unknown[]).entries())
    yield { place: index + 1, text: typeof entry === 'string' ? entry : JSON.stringify(entry) };
}

/**
 * Reads the documents of a list, in slices: each a text with one CIDR or address a line, or a MISP warninglist. An
 * unusable entry is counted and skipped. Throws AllowListError for a document that is neither.
 */
export function* readAllowListSteps(
  name: string,
  documents: readonly AllowListDocument[],
): Generator<undefined, ReadAllowList> {
  const ranges: AddressRange[] = [];
  const unusable: UnusableEntry[] = [];
  let [steps, skipped] = [0, 0];
  for (const { path, text: written } of documents) {
    const text = written.replace(/^\uFEFF/, '');
    const isJson = /^\s*[[{]/.test(text);
    const entries = isJson ? entriesOfWarninglist(`${path} of allow list ${name}`, text) : entriesOfText(text);
    for (const { place, text: entry } of entries) {
      const range = parseCidr(entry);
      if (range !== null) ranges.push(range);
      else {
        skipped += 1;
        if (unusable.length < unusableMax) unusable.push({ path, place, text: entry.slice(0, shownMax) });
      }
      steps += 1;
      if (steps % stride === 0) yield;
    }
  }
  const order = yield* sortedNumbers(ranges.length, (a, b) => compareFirst(ranges[a], ranges[b]));
  const set = yield* RangeSet.ofSorted(inOrder(ranges, order));
  return { ranges: set, entries: ranges.length, skipped, unusable };
}

function* inOrder(ranges: readonly AddressRange[], order: Uint32Array): Generator<AddressRange> {
  for (const at of order) {
    const range = ranges[at];
    if (range !== undefined) yield range;
  }
}

/** IPv4 before IPv6, each by its first address: numbers and bigints are slow to compare with each other. */

function compareFirst(a: AddressRange | undefined, b: AddressRange | undefined): number {
  if (a === undefined || b === undefined || a.first === b.first) return 0;
  if (typeof a.first !== typeof b.first) return typeof a.first === 'number' ? -1 : 1;
  return a.first < b.first ? -1 : 1;
}
