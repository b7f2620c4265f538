import { eventTime, HOUR_MS } from '../../../src/core/time.ts';
import { sources } from '../indicator-arbitraries.ts';
import { recordBody } from './record-body.ts';
import { logsOf, type World } from './world.ts';

/** A world with one matched activity, whose emitter's clock ran ahead of its hub. */
export function earlyWorld(startMs: number, lookbackMs: number, happenedMs: number, enqueuedMs: number): World {
  const record = {
    stream: 'activity',
    index: 0,
    category: 'Administrative',
    time: eventTime(happenedMs),
    address: '198.51.100.7',
    resultType: 'Success',
    caller: 'ann@contoso.com',
    objectId: 'oid-ann',
    operation: 'operation-1',
    resourceId: 'resource-1',
    subscriptionId: 'subscription-1',
    resourceGroup: 'group-1',
    correlationId: 'c1',
  } as const;
  const body = new TextEncoder().encode(JSON.stringify({ records: [recordBody(record)] }));
  const object = {
    type: 'indicator',
    spec_version: '2.1',
    id: 'indicator--1',
    created: new Date(startMs - HOUR_MS).toISOString(),
    modified: new Date(startMs - HOUR_MS).toISOString(),
    valid_from: new Date(startMs - 24 * HOUR_MS).toISOString(),
    pattern_type: 'stix',
    pattern: "[ipv4-addr:value = '198.51.100.7']",
    confidence: 95,
  };
  const publication = { object, fromMs: startMs - HOUR_MS, untilMs: Number.POSITIVE_INFINITY };
  return {
    startMs,
    endMs: startMs + HOUR_MS,
    options: {
      minConfidence: 75,
      lookbackMs,
      flushDelayMs: 300_000,
      excludedRanges: [],
      statuses: ['Success'],
      deduplicate: true,
      optionalStreams: [],
    },
    logs: logsOf([{ partition: 0, enqueuedMs, body }], enqueuedMs - HOUR_MS),
    intelligence: sources.map((source, index) => ({ source, publications: index === 0 ? [publication] : [] })),
  };
}
