import type { Address, AddressRange } from '../address.ts';
import { parseCidr } from '../address-range.ts';
import { fold } from '../observation.ts';

/** What somebody does not want to be told of, until when, and why. Times are ISO 8601 UTC. */
export interface Silence {
  readonly id: string;
  /** Without regard to case; null is any. */
  readonly caller: string | null;
  /** An address or a CIDR range; null is any. */
  readonly ip: string | null;
  /** Operations without regard to case, a `*` at the end for any that begin so; empty is any. */
  readonly operations: readonly string[];
  readonly until: string;
  readonly author: string;
  readonly reason: string;
  readonly createdAt: string;
  /** Where it was declared: SILENCES or the API. */
  readonly origin: 'file' | 'api';
}

/** What of a finding a silence is asked about. */
export interface SilencedMatter {
  readonly caller: string;
  readonly address: Address;
  readonly operations: readonly string[];
  /** Whether there were more operations than are named. */
  readonly hasMoreOperations: boolean;
}

/** A silence made ready to be asked. */
export class SilenceRule {
  readonly silence: Silence;
  readonly untilMs: number;
  readonly #caller: string | null;
  readonly #range: AddressRange | null;
  readonly #operations: readonly string[];

  constructor(silence: Silence) {
    this.silence = silence;
    this.untilMs = Date.parse(silence.until);
    this.#caller = silence.caller === null ? null : fold(silence.caller);
    this.#range = silence.ip === null ? null : parseCidr(silence.ip);
    this.#operations = silence.operations.map(fold);
  }

  /**
   * Whether it covers all of a finding. One that names operations covers a finding only when it names each of them: what
   * else the caller did must not be hidden with them.
   */
  covers({ caller, address, operations, hasMoreOperations }: SilencedMatter): boolean {
    if (this.#caller !== null && this.#caller !== fold(caller)) return false;
    if (this.silence.ip !== null && !this.#holds(address)) return false;
    if (this.#operations.length === 0) return true;
    return !hasMoreOperations && operations.length > 0 && operations.every((operation) => this.#names(fold(operation)));
  }

  #holds(address: Address): boolean {
    const range = this.#range;
    if (range === null || typeof range.first !== typeof address) return false;
    return address >= range.first && address <= range.last;
  }

  #names(operation: string): boolean {
    return this.#operations.some((named) =>
      named.endsWith('*') ? operation.startsWith(named.slice(0, -1)) : operation === named,
    );
  }
}
