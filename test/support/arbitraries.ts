import fc from 'fast-check';
import { parseCidr, RangeSet } from '../../src/core/address-range.ts';
import type { RepairOptions } from '../../src/core/kql/address-case.ts';
import type { SourcedObject } from '../../src/core/kql/ti-version.ts';
import type { ReceivedRecord, SignInStream } from '../../src/core/record.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { hotAddress } from './address-arbitraries.ts';
import { indicatorVersions } from './indicator-arbitraries.ts';
import { receivedRecords } from './record-arbitraries.ts';
import type { ReferenceOptions } from './reference/reference-repaired.ts';

/**
 * Small universes, so that what must meet does meet: a few addresses in many forms, a few callers in many letter cases,
 * times on both sides of every boundary by one tick of 100 ns, copies, and indicators in several versions.
 */

/** The evaluation instant of every scenario, 2026-03-02T12:00:00Z. */
export const scenarioAt = Date.UTC(2026, 2, 2, 12);

const day = 24 * HOUR_MS;

const defaultExcluded =
  '0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,192.168.0.0/16,168.63.129.16/32,224.0.0.0/4,240.0.0.0/4,::/128,::1/128,fc00::/7,fe80::/10,ff00::/8'.split(
    ',',
  );

/** One question to the rule and everything it is asked of. */
export interface Scenario {
  readonly at: number;
  readonly lookbackMs: number;
  readonly received: readonly ReceivedRecord[];
  readonly objects: readonly SourcedObject[];
  readonly options: Omit<ReferenceOptions, 'lookbackMs'>;
}

export interface ScenarioBounds {
  readonly maxRecords?: number;
  readonly maxIndicators?: number;
}

/** Records, indicators and options that meet often. */
export function scenario({ maxRecords = 40, maxIndicators = 8 }: ScenarioBounds = {}): fc.Arbitrary<Scenario> {
  return fc.tuple(fc.constantFrom(day, 3 * HOUR_MS), hotAddress).chain(([lookbackMs, hot]) => {
    const setting = { at: scenarioAt, lookbackMs, hot };
    return fc.record({
      at: fc.constant(scenarioAt),
      lookbackMs: fc.constant(lookbackMs),
      received: receivedRecords(setting, maxRecords),
      objects: indicatorVersions(setting, maxIndicators),
      options: fc.record({
        minConfidence: fc.constantFrom(75, 75, 50, 90),
        flushDelayMs: fc.constantFrom(300_000, null),
        excludedRanges: fc.constantFrom(defaultExcluded, defaultExcluded, ['203.0.113.0/24']),
        statuses: fc.constantFrom(['Success'], ['Success'], ['success', 'SUCCEEDED']),
        deduplicate: fc.constantFrom(true, true, false),
        optionalStreams: fc.subarray<SignInStream>(['non_interactive', 'managed_identity']),
      }),
    });
  });
}

/** A scenario's options as the comparison takes them. */
export function repairOptions({ options }: Scenario): RepairOptions {
  const { minConfidence, statuses, deduplicate, flushDelayMs, excludedRanges } = options;
  const excluded = new RangeSet(excludedRanges.map((range) => parseCidr(range)).filter((range) => range !== null));
  return { minConfidence, statuses, deduplicate, flushDelayMs, excluded };
}
