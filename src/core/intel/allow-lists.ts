import type { RangeSet } from '../address-range.ts';
import type { Address } from '../address.ts';

/** What a list does to a match on an address it covers: lowers the severity by the policy, or drops the match. */
export const allowActions = ['lower', 'drop'] as const;
export type AllowAction = (typeof allowActions)[number];

/** Addresses that are known to be shared or harmless, such as those of a cloud provider. Immutable. */
export interface AllowList {
  readonly name: string;
  readonly action: AllowAction;
  readonly ranges: RangeSet;
}

const none: readonly AllowList[] = Object.freeze([]);

/** All allow lists as of one reading. Immutable: a reading that brings something else makes another. */
export class AllowLists {
  readonly lists: readonly AllowList[];

  constructor(lists: readonly AllowList[]) {
    this.lists = lists;
  }

  /** The lists that cover an address, in their order; without any nothing is allocated. */
  covering(address: Address): readonly AllowList[] {
    const isCovered = this.lists.some(({ ranges }) => ranges.contains(address));
    return isCovered ? this.lists.filter(({ ranges }) => ranges.contains(address)) : none;
  }

  /** Whether no indicator may match an address. */
  drops(address: Address): boolean {
    return this.lists.some(({ action, ranges }) => action === 'drop' && ranges.contains(address));
  }
}

export const noAllowLists = new AllowLists([]);
