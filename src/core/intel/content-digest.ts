import type { Indicator, Observable } from './indicator.ts';

/** 64 bits as two unsigned halves; a bigint each would cost more than the hash. */
export interface Digest {
  readonly high: number;
  readonly low: number;
}

/** Two murmur-like halves with different multipliers (the mixing of cyrb53, public domain); not a secure hash. */
function digestText(text: string): Digest {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    high = Math.imul(high ^ unit, 0x9e3779b1);
    low = Math.imul(low ^ unit, 0x5f356495);
  }
  const mixedHigh = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  const mixedLow = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  return { high: mixedHigh >>> 0, low: mixedLow >>> 0 };
}

/** Digest of everything an alert shows of an indicator, and of what decides when it matches. */
export function digestIndicator(indicator: Indicator): Digest {
  const { observables, skipped, ...shown } = indicator;
  const parts = observables.map(observableText);
  return digestText(JSON.stringify([Object.entries(shown).sort(([a], [b]) => (a < b ? -1 : 1)), parts, skipped]));
}

function observableText({ range, value, key, startMs, stopMs }: Observable): string {
  return `${key} ${range.first} ${range.last} ${startMs ?? ''} ${stopMs ?? ''} ${value}`;
}

/** Sums digests: the sum is the same in any order and, unlike exclusive or, does not lose equal pairs. */
export class DigestSum {
  #high = 0;
  #low = 0;

  add({ high, low }: Digest, observables: readonly Observable[]): void {
    for (const observable of observables) {
      const { high: partHigh, low: partLow } = digestText(observableText(observable));
      const sum = this.#low + (Math.imul(low ^ partHigh, 0x9e3779b1) >>> 0);
      this.#high = (this.#high + (Math.imul(high ^ partLow, 0x85ebca6b) >>> 0) + (sum > 0xffff_ffff ? 1 : 0)) >>> 0;
      this.#low = sum >>> 0;
    }
  }

  /** 16 hexadecimal digits. */
  toString(): string {
    return `${this.#high.toString(16).padStart(8, '0')}${this.#low.toString(16).padStart(8, '0')}`;
  }
}
