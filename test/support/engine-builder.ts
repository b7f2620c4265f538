import { createHash } from 'node:crypto';
import { parseCidr, RangeSet } from '../../src/core/address-range.ts';
import type { SeverityPolicy } from '../../src/core/alert/severity.ts';
import type { LinkSettings } from '../../src/core/alert/links.ts';
import type { Alert } from '../../src/core/alert/alert.ts';
import type { DecodedMessage } from '../../src/core/decode/decoded.ts';
import type { EngineOptions } from '../../src/core/engine-options.ts';
import type { Engine } from '../../src/core/engine.ts';
import { IndicatorCatalogue } from '../../src/core/intel/catalogue.ts';
import type { IndicatorIndex } from '../../src/core/intel/address-index.ts';
import type { SourcedObject } from '../../src/core/kql/ti-version.ts';
import type { AzureRecord, ReceivedRecord } from '../../src/core/record.ts';
import { Tally } from '../../src/core/tally.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import type { ReferenceOptions } from './reference/reference-repaired.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export const roomy: EngineOptions['bounds'] = {
  candidateMaxBytes: 64 * 1024 ** 2,
  pinnedMaxBytes: 64 * 1024 ** 2,
  evictionMarksMax: 1000,
  deduplicateMaxBytes: 64 * 1024 ** 2,
  deferredMax: 10_000,
  outboxMax: 100_000,
  silencesMax: 100,
};

export interface EngineSetting extends ReferenceOptions {
  readonly repeats: boolean;
  readonly isDurable?: boolean;
  readonly severityPolicy?: SeverityPolicy;
  readonly bounds?: Partial<EngineOptions['bounds']>;
}

/** The policy of the service by default. */
export const usualPolicy: SeverityPolicy = [{ when: { allowListed: true }, change: -2 }];

export const usualLinks: LinkSettings = {
  serviceUrl: 'https://tidewatch.example.com',
  portalUrl: 'https://portal.azure.com',
};

/** The rule as most tests want it. */
export const usualSetting: EngineSetting = {
  minConfidence: 75,
  lookbackMs: 24 * HOUR_MS,
  flushDelayMs: 5 * 60_000,
  excludedRanges: ['10.0.0.0/8'],
  statuses: ['Success'],
  deduplicate: true,
  optionalStreams: [],
  repeats: false,
};

export function excludedSet(ranges: readonly string[]): RangeSet {
  return new RangeSet(ranges.map((range) => parseCidr(range)!));
}

export function engineOptions(setting: EngineSetting): EngineOptions {
  return {
    lookbackMs: setting.lookbackMs,
    hopMs: HOUR_MS,
    flushDelayMs: setting.flushDelayMs ?? 0,
    flushMaxWaitMs: 15 * 60_000,
    deduplicate: setting.deduplicate,
    repeats: setting.repeats,
    severityPolicy: setting.severityPolicy ?? usualPolicy,
    links: usualLinks,
    observation: {
      excluded: excludedSet(setting.excludedRanges),
      statuses: new Set(setting.statuses.map((status) => status.toLowerCase())),
      streams: new Set(['activity', 'sign_in', 'service_principal', ...setting.optionalStreams]),
    },
    bounds: { ...roomy, ...setting.bounds },
    sinks: ['test'],
    recentAlertsMax: 10,
    digest: sha256,
    isDurable: setting.isDurable ?? false,
  };
}

export function buildIndex(
  objects: readonly SourcedObject[],
  setting: Pick<ReferenceOptions, 'minConfidence' | 'excludedRanges'>,
): { readonly index: IndicatorIndex; readonly catalogue: IndicatorCatalogue } {
  const catalogue = new IndicatorCatalogue(100_000);
  for (const source of new Map(objects.map(({ source }) => [source.name, source])).values())
    catalogue.apply(
      source,
      objects.filter((each) => each.source.name === source.name).map(({ object }) => object),
      { full: false },
    );
  const { minConfidence } = setting;
  const excluded = excludedSet(setting.excludedRanges);
  return { index: catalogue.build({ minConfidence, excluded, ordinal: 1 }), catalogue };
}

export function message(records: readonly AzureRecord[]): DecodedMessage {
  const total = Math.max(0, ...records.map(({ index }) => index + 1), records.length);
  const unwanted = total - records.length;
  return { records, unwanted, unknown: [], noise: 0, deadLetters: [], total };
}

/** Takes each record as a message of its own, in the order given, numbered by that order. */
export function takeAll(engine: Engine, received: readonly ReceivedRecord[], now: number, origin = 'hub/0'): Tally {
  const tally = new Tally();
  received.forEach(({ record, enqueuedMs }, sequenceNumber) => {
    engine.take(
      { origin, sequenceNumber, offset: '', enqueuedMs, decoded: message([{ ...record, index: 0 }]) },
      now,
      tally,
    );
  });
  return tally;
}

/** Every alert that waits in the outbox, taken out. */
export function drain(engine: Engine): Alert[] {
  const alerts = engine.outbox.waiting('test', Number.MAX_SAFE_INTEGER);
  engine.outbox.delivered('test', alerts.length);
  return [...alerts];
}
