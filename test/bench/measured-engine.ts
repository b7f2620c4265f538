import { compress, decompress } from '../../src/adapters/system/compression.ts';
import { digest, sha256Bytes } from '../../src/adapters/system/digest.ts';
import type { IndicatorIndex } from '../../src/core/intel/address-index.ts';
import { Engine } from '../../src/core/engine.ts';
import type { AzureRecord } from '../../src/core/record.ts';
import { Tally } from '../../src/core/tally.ts';
import type { StateCodec } from '../../src/pipeline/state-owner.ts';
import { buildIndex, engineOptions, message, usualSetting } from '../support/engine-builder.ts';
import { boundary, indicators, lookbackMs } from './population.ts';

const source = {
  name: 'feed',
  defaultConfidence: null,
  tlp: '' as const,
  maxAgeMs: 365 * lookbackMs,
  useDstRef: false,
};

/** The codec of the service. */
export const codec: StateCodec = { compress, decompress, sha256: sha256Bytes, digest };

/** Bounds that hold the whole population. */
const wide = 64 * 1024 ** 3;

/** An engine of the service's own parts, with the indicators of a population but nothing in its windows. */
export class MeasuredEngine {
  readonly engine = new Engine(
    engineOptions({
      ...usualSetting,
      lookbackMs,
      isDurable: true,
      bounds: { candidateMaxBytes: wide, pinnedMaxBytes: wide, deduplicateMaxBytes: wide },
    }),
    { firstBoundary: boundary, warmUntil: null },
  );
  readonly #tally = new Tally();
  #sequenceNumber = 0;

  setIndex(index: IndicatorIndex): void {
    this.engine.setIndex(index, () => 'indicator-deleted', boundary - 1);
  }

  take(records: readonly AzureRecord[]): void {
    this.#sequenceNumber += 1;
    const sequenceNumber = this.#sequenceNumber;
    const decoded = message(records.map((record, index) => ({ ...record, index })));
    const offset = String(sequenceNumber);
    const taken = { origin: 'hub/0', sequenceNumber, offset, enqueuedMs: boundary - 1, decoded };
    this.engine.take(taken, boundary - 1, this.#tally);
  }

  /** Takes out the alerts that wait, as a sink does. */
  drain(): void {
    const { outbox } = this.engine;
    outbox.delivered('test', outbox.waiting('test', Number.MAX_SAFE_INTEGER).length);
  }
}

export function indexOf(addresses: number): IndicatorIndex {
  return buildIndex(
    indicators(addresses).map((object) => ({ source, object })),
    usualSetting,
  ).index;
}
