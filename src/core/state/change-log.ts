import type { Address } from '../address.ts';
import type { Deferred } from '../window/deferred.ts';

/** What changed since the last cut. */
export interface Changes {
  readonly addresses: ReadonlySet<Address>;
  /** Addresses whose eviction left a mark, and the boundary up to which each had panes. */
  readonly evicted: ReadonlyMap<Address, number>;
  readonly deferred: readonly Deferred[];
  /** Uses of the expired slot. */
  readonly expired: readonly string[];
}

/** Told of an address before anything about it changes. */
export type BeforeChange = (address: Address) => void;

/**
 * Remembers what changed since the last cut, so that a commit writes no more than that. Whoever changes an address says
 * so first: a cut that is still being written copies it before it changes.
 */
export class ChangeLog {
  #addresses = new Set<Address>();
  #evicted = new Map<Address, number>();
  #deferred: Deferred[] = [];
  #expired: string[] = [];
  #beforeChange: BeforeChange | null = null;
  #cuts = 0;

  get size(): number {
    return this.#addresses.size + this.#evicted.size + this.#deferred.length;
  }

  /** Number of the last cut; what is new since then is none of its concern. */
  get cuts(): number {
    return this.#cuts;
  }

  /** Lets a cut copy an address of which something is dropped that a restored shard drops by itself. */
  keep(address: Address): void {
    this.#beforeChange?.(address);
  }

  touch(address: Address): void {
    this.#beforeChange?.(address);
    this.#addresses.add(address);
  }

  /** Says up to which boundary an address was evicted, once it has been. */
  mark(address: Address, upTo: number): void {
    this.#evicted.set(address, upTo);
  }

  defer(deferred: Deferred): void {
    this.#deferred.push(deferred);
  }

  useExpired(use: string): void {
    this.#expired.push(use);
  }

  /** Takes out what changed; from now on `beforeChange` is told first. */
  take(beforeChange: BeforeChange): Changes {
    const changes = {
      addresses: this.#addresses,
      evicted: this.#evicted,
      deferred: this.#deferred,
      expired: this.#expired,
    };
    this.#addresses = new Set();
    this.#evicted = new Map();
    this.#deferred = [];
    this.#expired = [];
    this.#beforeChange = beforeChange;
    this.#cuts += 1;
    return changes;
  }

  /** The cut is written: nobody needs to be told any more. */
  endCut(): void {
    this.#beforeChange = null;
  }
}
