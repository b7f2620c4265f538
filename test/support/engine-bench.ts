import type { Alert } from '../../src/core/alert/alert.ts';
import { Engine } from '../../src/core/engine.ts';
import type { SourceSettings } from '../../src/core/intel/indicator-reader.ts';
import type { StixObject } from '../../src/core/intel/stix-object.ts';
import type { AzureRecord } from '../../src/core/record.ts';
import { Tally } from '../../src/core/tally.ts';
import { eventTime, HOUR_MS } from '../../src/core/time.ts';
import { buildIndex, drain, engineOptions, message, type EngineSetting, usualSetting } from './engine-builder.ts';

/*  noon                boundary T            T + delay
    |------- pane T -------]  flush waits ...... |  cut  */
export const noon = Date.UTC(2026, 2, 2, 12);
export const boundary = noon + HOUR_MS;
export const minute = 60_000;
export const ip = '203.0.113.9';

const source: SourceSettings = {
  name: 'feed',
  defaultConfidence: null,
  tlp: '',
  maxAgeMs: 365 * 24 * HOUR_MS,
  useDstRef: false,
};

export function indicator(fields: Record<string, unknown> = {}): StixObject {
  return {
    type: 'indicator',
    id: 'indicator--1',
    pattern_type: 'stix',
    pattern: `[ipv4-addr:value = '${ip}']`,
    created: '2026-01-01T00:00:00Z',
    modified: '2026-01-01T00:00:00Z',
    valid_from: '2026-01-01T00:00:00Z',
    confidence: 80,
    ...fields,
  };
}

let place = 0;
export function activity(ms: number, fields: Partial<AzureRecord> = {}): AzureRecord {
  place += 1;
  return {
    stream: 'activity',
    index: 0,
    category: 'Administrative',
    time: eventTime(ms),
    address: ip,
    resultType: 'Success',
    caller: 'Ann@contoso.com',
    objectId: 'oid-ann',
    operation: `OP/${place}`,
    resourceId: '/SUBSCRIPTIONS/S/RESOURCEGROUPS/G/PROVIDERS/P',
    subscriptionId: 'S',
    resourceGroup: 'G',
    correlationId: `c-${place}`,
    ...fields,
  } as AzureRecord;
}

export function signIn(ms: number, fields: Partial<AzureRecord> = {}): AzureRecord {
  place += 1;
  return {
    stream: 'sign_in',
    index: 0,
    category: 'SignInLogs',
    time: eventTime(ms),
    address: ip,
    resultType: '0',
    id: `s-${place}`,
    principal: 'ann@contoso.com',
    objectId: 'oid-ann',
    app: 'Azure Portal',
    risk: 'low',
    ...fields,
  } as AzureRecord;
}

/** An engine, records that match its indicator, and what they make it say. */
export class EngineBench {
  readonly engine: Engine;
  readonly tally = new Tally();
  #sequenceNumber = 0;

  constructor(changes: Partial<EngineSetting> = {}, warmUntil: number | null = null) {
    this.engine = new Engine(engineOptions({ ...usualSetting, ...changes }), { firstBoundary: boundary, warmUntil });
    this.engine.watermarks.expect(['hub/0'], noon);
  }

  /** `settings` are those of the feed that differ from the usual ones. */
  index(objects: readonly StixObject[], now: number, settings: Partial<SourceSettings> = {}): Alert[] {
    const { index, catalogue } = buildIndex(
      objects.map((object) => ({ source: { ...source, ...settings }, object })),
      usualSetting,
    );
    this.engine.setIndex(index, (feed, id, at) => catalogue.reasonGone(feed, id, at, usualSetting.minConfidence), now);
    return drain(this.engine);
  }

  take(record: AzureRecord, enqueuedMs: number, now = enqueuedMs): Alert[] {
    this.#sequenceNumber += 1;
    const sequenceNumber = this.#sequenceNumber;
    this.engine.take(
      { origin: 'hub/0', sequenceNumber, offset: '', enqueuedMs, decoded: message([record]) },
      now,
      this.tally,
    );
    return drain(this.engine);
  }

  tick(now: number): Alert[] {
    this.engine.tick(now);
    return drain(this.engine);
  }

  flush(now = this.engine.boundary + 6 * minute): Alert[] {
    this.engine.flush({ lagging: [] }, now);
    return drain(this.engine);
  }

  outcome(name: string): number {
    return this.tally
      .records()
      .filter(([, outcome]) => outcome === name)
      .reduce((sum, [, , count]) => sum + count, 0);
  }
}
