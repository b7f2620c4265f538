import type { VersionedFact } from './fact.ts';

/** Parts that are copied one by one: a change of a few facts then never copies a million. */
const parts = 256;

const none: ReadonlyMap<string, VersionedFact> = new Map();

/** Spreads ids by their ends, where those of STIX are random. */
export function partOfId(id: string): number {
  let hash = 0;
  for (let at = Math.max(0, id.length - 6); at < id.length; at += 1) hash = Math.imul(hash, 31) + id.charCodeAt(at);
  return (hash ^ (hash >>> 8)) & (parts - 1);
}

/** What objects say, by their ids. A copy costs nothing; it shares every part that it does not change. */
export class FactTable implements Iterable<readonly [string, VersionedFact]> {
  readonly #parts: ReadonlyMap<string, VersionedFact>[];
  readonly #own: (Map<string, VersionedFact> | undefined)[] = [];
  #size: number;

  constructor(of?: FactTable) {
    this.#parts = of === undefined ? [] : [...of.#parts];
    this.#size = of === undefined ? 0 : of.size;
  }

  get size(): number {
    return this.#size;
  }

  get(id: string): VersionedFact | undefined {
    return this.#parts[partOfId(id)]?.get(id);
  }

  /** Sets what an object says; not to be called once there is a copy. */
  set(id: string, fact: VersionedFact): void {
    const number = partOfId(id);
    let part = this.#own[number];
    if (part === undefined) {
      part = new Map(this.#parts[number] ?? none);
      this.#own[number] = part;
      this.#parts[number] = part;
    }
    const before = part.size;
    part.set(id, fact);
    this.#size += part.size - before;
  }

  *[Symbol.iterator](): Generator<readonly [string, VersionedFact]> {
    for (let number = 0; number < parts; number += 1) yield* this.#parts[number] ?? none;
  }
}
