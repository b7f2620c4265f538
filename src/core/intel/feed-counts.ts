import type { AddressRange } from '../address.ts';
import type { Indicator, Observable, SkipReason } from './indicator.ts';

type ObservableKind = 'ipv4' | 'ipv6' | 'range';

/** What became of the indicators of one feed, as of the last build of the index. */
export interface FeedCounts {
  readonly source: string;
  /** Indicators held, whatever became of them. */
  readonly held: number;
  /** Indicators in the index. */
  readonly indexed: number;
  /** Indicators in the index by what they name; one that names several kinds counts under each. */
  readonly kinds: Readonly<Record<ObservableKind, number>>;
  /** Indicators that are not in the index, or not with all of their pattern, by reason; one may count under several. */
  readonly skipped: ReadonlyMap<SkipReason, number>;
  /** Of those under invalid_object, objects without an id or a version: nothing is held of them. */
  readonly unidentified: number;
  /** Indicators that the feed revokes and that go on, since it is not believed (allowRevocation). */
  readonly revocationsIgnored: number;
}

function kindOf({ first, last }: AddressRange): ObservableKind {
  if (first !== last) return 'range';
  return typeof first === 'number' ? 'ipv4' : 'ipv6';
}

export class FeedTally {
  readonly #source: string;
  #held = 0;
  #indexed = 0;
  #revocationsIgnored = 0;
  readonly #unidentified: number;
  readonly #kinds = { ipv4: 0, ipv6: 0, range: 0 };
  readonly #skipped = new Map<SkipReason, number>();

  constructor(source: string, unidentified: number) {
    this.#source = source;
    this.#unidentified = unidentified;
    this.skip('invalid_object', unidentified);
  }

  hold({ revocationIgnored }: Pick<Indicator, 'revocationIgnored'>): void {
    this.#held += 1;
    if (revocationIgnored === true) this.#revocationsIgnored += 1;
  }

  skip(reason: SkipReason, count = 1): void {
    if (count > 0) this.#skipped.set(reason, (this.#skipped.get(reason) ?? 0) + count);
  }

  index(observables: readonly Observable[]): void {
    this.#indexed += 1;
    for (const kind of new Set(observables.map(({ range }) => kindOf(range)))) this.#kinds[kind] += 1;
  }

  counts(): FeedCounts {
    return {
      source: this.#source,
      held: this.#held,
      indexed: this.#indexed,
      kinds: { ...this.#kinds },
      skipped: new Map(this.#skipped),
      unidentified: this.#unidentified,
      revocationsIgnored: this.#revocationsIgnored,
    };
  }
}
