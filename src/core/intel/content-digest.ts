import type { Indicator, Observable } from './indicator.ts';

/** 64 bits as two signed halves, which the engine keeps without a box; a bigint each would cost more than the hash. */
export interface Digest {
  readonly high: number;
  readonly low: number;
}

/**
 * Hashes a sequence of values. Two murmur-like halves with different multipliers (the mixing of cyrb53, public domain);
 * not a secure hash. Values are delimited, so that no two sequences run together.
 */
class Hash {
  #high = 0xdeadbeef;
  #low = 0x41c6ce57;

  text(text: string): this {
    for (let at = 0; at < text.length; at++) this.#mix(text.charCodeAt(at));
    // Above every code unit: ends the text.
    return this.#mix(0x1_0000 + text.length);
  }

  value(value: number | bigint | boolean | null): this {
    return this.text(String(value));
  }

  list(texts: readonly string[]): this {
    for (const text of texts) this.text(text);
    return this.#mix(~texts.length);
  }

  observable({ range, value, key, startMs, stopMs }: Observable): this {
    this.value(range.first).value(range.last).text(value).text(key);
    return this.value(startMs ?? null).value(stopMs ?? null);
  }

  digest(): Digest {
    const [high, low] = [this.#high, this.#low];
    return {
      high: Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35),
      low: Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35),
    };
  }

  #mix(unit: number): this {
    this.#high = Math.imul(this.#high ^ unit, 0x9e3779b1);
    this.#low = Math.imul(this.#low ^ unit, 0x5f356495);
    return this;
  }
}

/** Adds what most feeds leave out, each with its name. */
function digestPolicy(hash: Hash, indicator: Indicator): Hash {
  const { sourceName, statedConfidence, decaying, revocationIgnored, redAllowed } = indicator;
  if (sourceName !== undefined) hash.text('sourceName').text(sourceName);
  if (statedConfidence !== undefined) hash.text('statedConfidence').value(statedConfidence);
  if (decaying !== undefined) hash.text('decaying').value(decaying.lifetimeMs).value(decaying.speed);
  if (revocationIgnored === true) hash.text('revocationIgnored');
  return redAllowed === true ? hash.text('redAllowed') : hash;
}

/** Digest of everything an alert shows of an indicator, and of what decides when it matches. */
export function digestIndicator(indicator: Indicator): Digest {
  const { confidence, validFromMs, validUntilMs, validUntilGiven, revoked } = indicator;
  const hash = new Hash();
  hash.text(indicator.source).text(indicator.id).text(indicator.description).text(indicator.pattern);
  hash.text(indicator.modified).text(indicator.tlp).value(confidence);
  hash.value(validFromMs).value(validUntilMs).value(validUntilGiven).value(revoked);
  hash.list(indicator.types).list(indicator.labels).list(indicator.actors);
  return digestPolicy(hash, indicator).digest();
}

/** Sums digests: the sum is the same in any order and, unlike exclusive or, does not lose equal pairs. */
export class DigestSum {
  #high = 0;
  #low = 0;

  /** Adds an indicator, by its digest, with those of its observables that are indexed. */
  add({ high, low }: Digest, observables: readonly Observable[]): void {
    for (const observable of observables) {
      const part = new Hash().observable(observable).digest();
      const sum = this.#low + (Math.imul(low ^ part.high, 0x9e3779b1) >>> 0);
      this.#high = (this.#high + (Math.imul(high ^ part.low, 0x85ebca6b) >>> 0) + (sum > 0xffff_ffff ? 1 : 0)) >>> 0;
      this.#low = sum >>> 0;
    }
  }

  /** 16 hexadecimal digits. */
  toString(): string {
    return `${this.#high.toString(16).padStart(8, '0')}${this.#low.toString(16).padStart(8, '0')}`;
  }
}
