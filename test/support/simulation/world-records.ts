import fc from 'fast-check';
import type { AzureRecord } from '../../../src/core/record.ts';
import { eventTime, HOUR_MS, paneEnd, type EventTime } from '../../../src/core/time.ts';
import type { Setting } from '../address-arbitraries.ts';
import { activityRecord, signInRecord } from '../record-arbitraries.ts';

/** The times that a world spans. */
export interface WorldSpan {
  readonly startMs: number;
  readonly endMs: number;
  readonly lookbackMs: number;
  readonly flushDelayMs: number;
}

/** A record and when its hub takes it. */
export interface Arrival {
  readonly record: AzureRecord;
  readonly enqueuedMs: number;
}

const tick = fc.constantFrom(-1, 0, 1);

/** The instant of a whole millisecond moved by some ticks of 100 ns. */
function ticksFrom(ms: number, ticks: number): EventTime {
  return ticks < 0 ? eventTime(ms - 1, 10_000 + ticks) : eventTime(ms, ticks);
}

/** Event times over the whole span and the window before it, often on a boundary or a tick beside one. */
function eventTimes({ startMs, endMs, lookbackMs }: WorldSpan): fc.Arbitrary<EventTime> {
  const [first, last] = [startMs - lookbackMs, endMs - HOUR_MS];
  const boundaries = Math.floor((last - first) / HOUR_MS);
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(fc.integer({ min: first, max: last }), fc.constantFrom(0, 1, 5329))
        .map(([ms, ticks]) => eventTime(ms, ticks)),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.nat({ max: boundaries }), tick)
        .map(([hours, ticks]) => ticksFrom(Math.ceil(first / HOUR_MS) * HOUR_MS + hours * HOUR_MS, ticks)),
    },
  );
}

/** When a record is enqueued: promptly, hours later, at the cut of its own flush, or long before it happened. */
function enqueuedAt(time: EventTime | null, span: WorldSpan, tardy: boolean): fc.Arbitrary<number> {
  if (time === null) return fc.integer({ min: span.startMs - span.lookbackMs, max: span.endMs - HOUR_MS });
  const cut = paneEnd(time, HOUR_MS) + span.flushDelayMs;
  return fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 0, max: 300_000 }).map((delay) => time.ms + delay) },
    { weight: tardy ? 9 : 3, arbitrary: fc.integer({ min: 0, max: 5 * HOUR_MS }).map((delay) => time.ms + delay) },
    { weight: tardy ? 9 : 0, arbitrary: fc.integer({ min: 1, max: HOUR_MS }).map((delay) => cut + delay) },
    { weight: 1, arbitrary: tick.map((ms) => cut + ms) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(899_999, 900_000, 900_001, 3 * HOUR_MS).map((early) => time.ms - early),
    },
  );
}

/** What a copy of a record may have otherwise: Entra publishes a sign-in again with another time and risk. */
function copyOf(record: AzureRecord, span: WorldSpan): fc.Arbitrary<AzureRecord> {
  if (record.stream === 'activity') return fc.constant(record);
  return fc
    .tuple(fc.option(eventTimes(span), { nil: record.time }), fc.constantFrom('none', 'low', 'high', record.risk))
    .map(([time, risk]) => ({ ...record, time, risk }));
}

export interface RecordBounds {
  readonly minRecords: number;
  readonly maxRecords: number;
  readonly tardy: boolean;
}

/** Records of a span in the order in which they are enqueued, some of them twice. */
export function arrivals(
  setting: Setting,
  span: WorldSpan,
  { minRecords, maxRecords, tardy }: RecordBounds,
): fc.Arbitrary<Arrival[]> {
  const dated = fc
    .tuple(
      fc.oneof({ weight: 3, arbitrary: activityRecord(setting) }, { weight: 2, arbitrary: signInRecord(setting) }),
      eventTimes(span),
    )
    .map(([record, time]): AzureRecord => ({ ...record, time: record.time === null ? null : time }));
  const arrived = (record: fc.Arbitrary<AzureRecord>): fc.Arbitrary<Arrival> =>
    record.chain((each) => enqueuedAt(each.time, span, tardy).map((enqueuedMs) => ({ record: each, enqueuedMs })));
  const group = fc.oneof(
    { weight: 4, arbitrary: arrived(dated).map((each) => [each]) },
    {
      weight: 1,
      arbitrary: arrived(dated).chain((each) =>
        arrived(copyOf(each.record, span)).map((copy): Arrival[] => [each, copy]),
      ),
    },
  );
  return fc
    .array(group, { minLength: minRecords, maxLength: maxRecords, size: 'max' })
    .map((groups) => groups.flat().sort((a, b) => a.enqueuedMs - b.enqueuedMs));
}
