import type { Address, AddressRange } from '../address.ts';
import { covers } from '../address-block.ts';
import { parseCidr } from '../address-range.ts';
import { fold } from '../observation.ts';
import type { SilenceRequest } from './silence-request.ts';

/** Where a silence was declared: in the file of SILENCES_PATH, or by the API. */
export const silenceOrigins = ['file', 'api'] as const;
export type SilenceOrigin = (typeof silenceOrigins)[number];

/** What somebody does not want to be told of, until when, and why. Times are ISO 8601 UTC. */
export interface Silence extends SilenceRequest {
  readonly id: string;
  /** Null for one of the file, which does not say. */
  readonly createdAt: string | null;
  readonly origin: SilenceOrigin;
}

/** What an alert says of the silence that covers it. */
export type AlertSilence = Pick<Silence, 'id' | 'author' | 'reason' | 'until'>;

/** What of a finding a silence is asked about. */
export interface SilencedMatter {
  /** Folded. */
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
    if (this.#caller !== null && this.#caller !== caller) return false;
    if (this.silence.ip !== null && (this.#range === null || !covers(this.#range, address))) return false;
    if (this.#operations.length === 0) return true;
    return !hasMoreOperations && operations.length > 0 && operations.every((operation) => this.#names(fold(operation)));
  }

  #names(operation: string): boolean {
    return this.#operations.some((named) =>
      named.endsWith('*') ? operation.startsWith(named.slice(0, -1)) : operation === named,
    );
  }
}
