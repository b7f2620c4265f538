import fc from 'fast-check';
import type { ActivityRecord, AzureRecord, ReceivedRecord, SignInRecord, SignInStream } from '../../src/core/record.ts';
import { eventTime, HOUR_MS, type EventTime } from '../../src/core/time.ts';
import { addressText, type Setting } from './address-arbitraries.ts';

const tick = fc.constantFrom(-1, 0, 1);

/** The instant of a whole millisecond moved by some ticks. */
function ticksFrom(ms: number, ticks: number): EventTime {
  return ticks < 0 ? eventTime(ms - 1, 10_000 + ticks) : eventTime(ms, ticks);
}

/** Event times around an instant's window: on its edges, on pane boundaries inside it, anywhere in it, beyond it. */
export function timeNear({ at, lookbackMs }: Setting): fc.Arbitrary<EventTime> {
  return fc.oneof(
    fc.tuple(fc.constantFrom(at, at - lookbackMs), tick).map(([ms, ticks]) => ticksFrom(ms, ticks)),
    fc.tuple(fc.integer({ min: 0, max: 26 }), tick).map(([hours, ticks]) => ticksFrom(at - hours * HOUR_MS, ticks)),
    fc
      .tuple(fc.integer({ min: at - lookbackMs - HOUR_MS, max: at + HOUR_MS }), fc.constantFrom(0, 1, 5329))
      .map(([ms, ticks]) => eventTime(ms, ticks)),
  );
}

/** How long after its event a record was enqueued, in ms: promptly, much later, or long before it (then it is early). */
const enqueueDelay = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 300_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 8 * HOUR_MS }) },
  { weight: 1, arbitrary: fc.constantFrom(-899_999, -900_000, -900_001, -3 * HOUR_MS) },
);

function enqueuedOf(time: EventTime | null, delay: number, at: number): number {
  return (time?.ms ?? at - HOUR_MS) + delay;
}

const cased = (text: string): fc.Arbitrary<string> =>
  fc.constantFrom(text, text.toUpperCase(), text.charAt(0).toUpperCase() + text.slice(1));

const member = (name: string, most: number): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 3 }).chain((n) => cased(`${name}-${n}`)) },
    { weight: 5, arbitrary: fc.integer({ min: 1, max: most }).map((n) => `${name}-${n}`) },
    { weight: 1, arbitrary: fc.constant('') },
  );

const objectId = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('oid-ann', 'OID-ANN', 'oid-bob', 'oid-app') },
  { weight: 1, arbitrary: fc.constantFrom('', '00000000-0000-0000-0000-000000000000') },
);

const principalName = fc.oneof(
  { weight: 5, arbitrary: cased('ann@contoso.com') },
  { weight: 2, arbitrary: fc.constantFrom('bob@contoso.com', 'guest_ext#EXT#@contoso.com', 'a@b@c') },
  { weight: 1, arbitrary: fc.constantFrom('', 'oid-app') },
);

const optionalTime = (setting: Setting): fc.Arbitrary<EventTime | null> => fc.option(timeNear(setting), { freq: 15 });

/** Activity records: mostly successes. */
export function activityRecord(setting: Setting): fc.Arbitrary<ActivityRecord> {
  return fc.record({
    stream: fc.constant('activity' as const),
    index: fc.nat({ max: 3 }),
    category: fc.constantFrom('Administrative', 'Policy'),
    time: optionalTime(setting),
    address: addressText(setting),
    resultType: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom('Success', 'success', 'SUCCESS') },
      { weight: 1, arbitrary: fc.constantFrom('Succeeded', 'Start', 'Failure', '') },
    ),
    caller: principalName,
    objectId,
    operation: member('operation', 14),
    resourceId: member('resource', 14),
    subscriptionId: member('subscription', 8),
    resourceGroup: member('group', 8),
    correlationId: fc.constantFrom('c1', 'C1', 'c2', 'c3', ''),
  });
}

const signInCategories: Readonly<Record<SignInStream, string>> = {
  sign_in: 'SignInLogs',
  service_principal: 'ServicePrincipalSignInLogs',
  non_interactive: 'NonInteractiveUserSignInLogs',
  managed_identity: 'ManagedIdentitySignInLogs',
};

/** Sign-in records of every stream: mostly successes, ids from a small set so that copies are frequent. */
export function signInRecord(setting: Setting): fc.Arbitrary<SignInRecord> {
  return fc
    .record({
      stream: fc.oneof(
        { weight: 4, arbitrary: fc.constant('sign_in' as const) },
        { weight: 3, arbitrary: fc.constant('service_principal' as const) },
        { weight: 1, arbitrary: fc.constantFrom('non_interactive' as const, 'managed_identity' as const) },
      ),
      index: fc.nat({ max: 3 }),
      time: optionalTime(setting),
      address: addressText(setting),
      resultType: fc.oneof(
        { weight: 8, arbitrary: fc.constant('0') },
        { weight: 1, arbitrary: fc.constantFrom('50140', '', '00') },
      ),
      id: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: 1, max: 6 }).chain((n) => cased(`id-${n}`)) },
        { weight: 1, arbitrary: fc.constant('') },
      ),
      principal: fc.oneof(principalName, member('principal', 8)),
      objectId,
      app: fc.constantFrom('Azure Portal', 'Azure CLI', ''),
      risk: fc.constantFrom('none', 'low', 'medium', 'high', 'High', 'hidden', 'unknownFutureValue', ''),
    })
    .map((record) => ({ ...record, category: signInCategories[record.stream] }));
}

interface Arrival {
  readonly record: AzureRecord;
  readonly delay: number;
  /** Enqueued at this distance from the cut of the flush instead, when not null. */
  readonly fromCut: number | null;
  readonly order: number;
  /** What a copy of it, when there is one, has otherwise. */
  readonly copy: (Pick<SignInRecord, 'time' | 'risk'> & { readonly delay: number; readonly order: number }) | null;
}

type Ordered = Pick<ReceivedRecord, 'record' | 'enqueuedMs'> & { readonly order: number };

function arrivalsOf({ record, delay, fromCut, order, copy }: Arrival, at: number, flushDelayMs: number): Ordered[] {
  const enqueuedMs = fromCut === null ? enqueuedOf(record.time, delay, at) : at + flushDelayMs + fromCut;
  if (copy === null) return [{ record, enqueuedMs, order }];
  // Entra publishes a sign-in again with another time and risk; an activity record is only delivered again.
  const again = record.stream === 'activity' ? record : { ...record, time: copy.time, risk: copy.risk };
  return [
    { record, enqueuedMs, order },
    { record: again, enqueuedMs: enqueuedOf(again.time, copy.delay, at), order: copy.order },
  ];
}

/** Records in the order of arrival, each with a place of its own; copies stand apart from what they copy. */
export function receivedRecords(setting: Setting, maxLength = 40): fc.Arbitrary<ReceivedRecord[]> {
  const arrival: fc.Arbitrary<Arrival> = fc.record({
    record: fc.oneof(
      { weight: 3, arbitrary: activityRecord(setting) },
      { weight: 2, arbitrary: signInRecord(setting) },
    ),
    delay: enqueueDelay,
    fromCut: fc.option(tick, { freq: 8 }),
    order: fc.nat({ max: 1000 }),
    copy: fc.option(
      fc.record({
        time: optionalTime(setting),
        risk: fc.constantFrom('none', 'low', 'high'),
        delay: enqueueDelay,
        order: fc.nat({ max: 1000 }),
      }),
      { freq: 3 },
    ),
  });
  return fc.array(arrival, { maxLength, size: 'max' }).map((arrivals) =>
    arrivals
      .flatMap((each) => arrivalsOf(each, setting.at, 300_000))
      .sort((a, b) => a.order - b.order)
      .map(({ record, enqueuedMs }, index) => ({ record, enqueuedMs, place: `log/0/${index}` })),
  );
}
