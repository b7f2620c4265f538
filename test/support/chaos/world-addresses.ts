import type { StixObject } from '../../../src/core/intel/stix-object.ts';
import { indicatorOf } from '../e2e/incident-records.ts';

/** Addresses that an indicator names from beginning to end. */
export const listed = ['203.0.113.77', '2001:db8:77::1'] as const;

/** Addresses that no indicator ever names. */
export const unknown = ['198.51.100.9', '192.0.2.55'] as const;

/** How often the feed can change during a run: one address is named anew or no longer each time. */
export const changesMax = 40;

/** Addresses whose indicator comes, or goes, during the run: an even one comes, an odd one goes. */
export const changing = Array.from({ length: changesMax }, (_, number) => `203.0.113.${100 + number}`);

export const callers = ['marit.olsen@contoso.example', 'bob@contoso.example', 'svc-backup@contoso.example'] as const;

/** A change of the feed, and the address by whose alerts it shows when the service has taken it. */
export interface FeedChange {
  readonly address: string;
  readonly adds: boolean;
  readonly object: StixObject;
}

/** Indicators that are there from the start. */
export class Intelligence {
  readonly initial: readonly StixObject[];
  readonly changes: FeedChange[] = [];
  readonly #going = new Map<string, StixObject>();
  #noise = 0;

  constructor(nowMs: number) {
    const going = changing.filter((_, number) => number % 2 === 1);
    for (const address of going) this.#going.set(address, indicatorOf(address, nowMs, { confidence: 85 }));
    this.initial = [...listed.map((address) => indicatorOf(address, nowMs)), ...this.#going.values()];
  }

  /** The next change; throws RangeError when there is none left. */
  change(nowMs: number): FeedChange {
    const address = changing[this.changes.length];
    if (address === undefined) throw new RangeError(`Cannot change the feed more often than ${changesMax} times`);
    const before = this.#going.get(address);
    const object =
      before === undefined
        ? indicatorOf(address, nowMs, { confidence: 95 })
        : { ...before, revoked: true, modified: new Date(nowMs).toISOString() };
    const change = { address, adds: before === undefined, object };
    this.changes.push(change);
    return change;
  }

  /** An indicator of an address that nothing comes from: it changes the feed's set and no row. */
  noise(nowMs: number): StixObject {
    this.#noise += 1;
    return indicatorOf(`2001:db8:ffff::${this.#noise.toString(16)}`, nowMs);
  }
}
