import type { Address } from '../address.ts';
import type { IndicatorIndex } from '../intel/address-index.ts';
import type { AllowLists } from '../intel/allow-lists.ts';
import type { Sighting } from '../intel/indicator.ts';
import type { RecordStream } from '../outcome.ts';
import type { Tally } from '../tally.ts';
import { validSightings } from './judge.ts';

const nothing: readonly Sighting[] = Object.freeze([]);

/** What the rule sees of the indicators: the index, but for the addresses that an allow list drops. Immutable. */
export class Lookup {
  readonly index: IndicatorIndex;
  readonly allowLists: AllowLists;

  constructor(index: IndicatorIndex, allowLists: AllowLists) {
    this.index = index;
    this.allowLists = allowLists;
  }

  /** The sightings at an address whose indicators are valid at an instant, best first; none where a list drops them. */
  validAt(address: Address, at: number): readonly Sighting[] {
    const sightings = validSightings(this.index.lookup(address), at);
    return sightings.length > 0 && this.allowLists.drops(address) ? nothing : sightings;
  }

  /** As validAt() finds one, without making it. */
  isMatchedAt(address: Address, at: number): boolean {
    return this.index.matchesAt(address, at) && !this.allowLists.drops(address);
  }

  /** Whether an indicator matches an address or may do so after an instant. */
  mayMatch(address: Address, since: number): boolean {
    return this.index.endsAfter(address, since) && !this.allowLists.drops(address);
  }

  /** Names of the lists that cover an address. */
  allowListsOf(address: Address): readonly string[] {
    return this.allowLists.covering(address).map(({ name }) => name);
  }

  /** Looks the caller of a record up and counts it. What a list drops is a miss, and still a hit of the list. */
  count(stream: RecordStream, address: Address, at: number, tally: Tally): void {
    const isNamed = this.index.matchesAt(address, at);
    const lists = isNamed ? this.allowLists.covering(address) : [];
    for (const { name, action } of lists) tally.allowListHit(name, action);
    tally.lookup(stream, isNamed && !lists.some(({ action }) => action === 'drop') ? 'hit' : 'miss');
  }
}
