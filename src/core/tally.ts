import type { AllowAction } from './intel/allow-lists.ts';
import type { LookupResult, RecordOutcome, RecordStream } from './outcome.ts';

/** Counts what became of records, so that the shell can tell metrics and log what the core did. */
export class Tally {
  readonly #records = new Map<RecordStream, Map<RecordOutcome, number>>();
  readonly #lookups = new Map<RecordStream, Map<LookupResult, number>>();
  readonly #allowListHits = new Map<string, Map<AllowAction, number>>();
  readonly #unidentified = new Map<RecordStream, number>();
  /** Categories of readable records that are not known. */
  readonly unknownCategories: string[] = [];
  /** Event time to emission of each first match, in ms. */
  readonly eventToAlertMs: number[] = [];

  record(stream: RecordStream, outcome: RecordOutcome, count = 1): void {
    if (count > 0) add(this.#records, stream, outcome, count);
  }

  lookup(stream: RecordStream, result: LookupResult): void {
    add(this.#lookups, stream, result, 1);
  }

  /** Notes a record whose caller's address an indicator matches and a list covers. */
  allowListHit(list: string, action: AllowAction): void {
    add(this.#allowListHits, list, action, 1);
  }

  /** Notes a record that counts each time it arrives, as it lacks the parts of an identity. */
  noteUnidentified(stream: RecordStream): void {
    this.#unidentified.set(stream, (this.#unidentified.get(stream) ?? 0) + 1);
  }

  unidentified(): [RecordStream, number][] {
    return [...this.#unidentified];
  }

  records(): [RecordStream, RecordOutcome, number][] {
    return entries(this.#records);
  }

  allowListHits(): [string, AllowAction, number][] {
    return entries(this.#allowListHits);
  }

  lookups(): [RecordStream, LookupResult, number][] {
    return entries(this.#lookups);
  }
}

function add<A, B>(table: Map<A, Map<B, number>>, a: A, b: B, count: number): void {
  let row = table.get(a);
  if (row === undefined) {
    row = new Map();
    table.set(a, row);
  }
  row.set(b, (row.get(b) ?? 0) + count);
}

function entries<A, B>(table: Map<A, Map<B, number>>): [A, B, number][] {
  return [...table].flatMap(([a, row]) => [...row].map(([b, count]): [A, B, number] => [a, b, count]));
}
