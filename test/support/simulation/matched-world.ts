import fc from 'fast-check';
import type { AzureRecord } from '../../../src/core/record.ts';
import { eventTime, HOUR_MS } from '../../../src/core/time.ts';
import { sources } from '../indicator-arbitraries.ts';
import { recordBody } from './record-body.ts';
import { logsOf, type World } from './world.ts';

const startMs = Date.UTC(2026, 2, 2, 11, 55);
const lengthMs = 6 * HOUR_MS;
const addresses = ['198.51.100.7', '203.0.113.9'];

const event = fc.record({
  afterMs: fc.integer({ min: 60_000, max: lengthMs - HOUR_MS }),
  address: fc.constantFrom(...addresses),
  caller: fc.constantFrom('ann@contoso.com', 'Bob@contoso.com'),
});

/** A world in which an indicator names every address, so that its findings stay open: what alerts alone are asked of. */
export const matchedWorld: fc.Arbitrary<World> = fc.array(event, { minLength: 12, maxLength: 24 }).map((events) => {
  const sorted = [...events].sort((a, b) => a.afterMs - b.afterMs);
  const sent = sorted.map(({ afterMs, address, caller }, at) => {
    const enqueuedMs = startMs + afterMs;
    const record = {
      stream: 'activity',
      index: 0,
      category: 'Administrative',
      time: eventTime(enqueuedMs - 1000),
      address,
      resultType: 'Success',
      caller,
      objectId: `oid-${caller}`,
      operation: `operation-${at % 3}`,
      resourceId: 'resource-1',
      subscriptionId: 'subscription-1',
      resourceGroup: 'group-1',
      correlationId: `c${at}`,
    } as const satisfies AzureRecord;
    return {
      partition: 0,
      enqueuedMs,
      body: new TextEncoder().encode(JSON.stringify({ records: [recordBody(record)] })),
    };
  });
  const made = new Date(startMs - HOUR_MS).toISOString();
  const publications = addresses.map((address, at) => ({
    object: {
      type: 'indicator',
      spec_version: '2.1',
      id: `indicator--${at}`,
      created: made,
      modified: made,
      valid_from: made,
      pattern_type: 'stix',
      pattern: `[ipv4-addr:value = '${address}']`,
      confidence: 95,
    },
    fromMs: startMs - HOUR_MS,
    untilMs: Number.POSITIVE_INFINITY,
  }));
  return {
    startMs,
    endMs: startMs + lengthMs,
    options: {
      minConfidence: 75,
      lookbackMs: 24 * HOUR_MS,
      flushDelayMs: 300_000,
      excludedRanges: [],
      statuses: ['Success'],
      deduplicate: true,
      optionalStreams: [],
    },
    logs: logsOf(sent, startMs - HOUR_MS),
    intelligence: sources.map((source, index) => ({ source, publications: index === 0 ? publications : [] })),
  };
});
