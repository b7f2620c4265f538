import fc from 'fast-check';
import type { Fault, FaultKind } from '../../src/dev/taxii-server/fault.ts';

/** What happens to the objects of a server. */
export type Change =
  | { readonly kind: 'add'; readonly count: number; readonly dates: 'one' | 'each' | 'last' }
  /** A newer version, revoked or no longer. */
  | { readonly kind: 'renew'; readonly picks: readonly number[]; readonly revoked: boolean }
  /** Other content and no newer version, as feeds do that rescore. */
  | { readonly kind: 'rescore'; readonly picks: readonly number[] }
  | { readonly kind: 'vanish'; readonly picks: readonly number[] };

export type Step =
  | Change
  | { readonly kind: 'pass'; readonly ms: number }
  /** The server's clock goes another way than ours. */
  | { readonly kind: 'drift'; readonly ms: number }
  | { readonly kind: 'fault'; readonly faults: readonly Fault[] }
  | { readonly kind: 'mend' }
  /** `meanwhile` happens before a request for objects, counted from 0, of this poll. */
  | { readonly kind: 'poll'; readonly meanwhile: { readonly at: number; readonly change: Change } | null }
  | { readonly kind: 'restart' };

export interface History {
  readonly versions: readonly ('2.0' | '2.1')[];
  readonly pageSize: number;
  readonly limit: number;
  /** Of the server's clock, all the time. */
  readonly skewMs: number;
  readonly steps: readonly Step[];
}

const MINUTE = 60_000;
const picks = fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 5 });

const add: fc.Arbitrary<Change> = fc.record({
  kind: fc.constant('add' as const),
  count: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 12 })),
  dates: fc.constantFrom('one' as const, 'each' as const, 'last' as const),
});
const renew: fc.Arbitrary<Change> = fc.record({ kind: fc.constant('renew' as const), picks, revoked: fc.boolean() });
const rescore: fc.Arbitrary<Change> = fc.record({ kind: fc.constant('rescore' as const), picks });
const vanish: fc.Arbitrary<Change> = fc.record({ kind: fc.constant('vanish' as const), picks });

const answered = 'application/taxii+json;version=2.1';

/** Faults of requests for objects and, where `anywhere`, of every request. */
const kinds: fc.Arbitrary<FaultKind> = fc.oneof(
  fc.constantFrom<FaultKind>(
    { kind: 'truncate' },
    { kind: 'half-body' },
    { kind: 'disconnect' },
    { kind: 'expire-next' },
    { kind: 'omit-next' },
    { kind: 'omit-more' },
    { kind: 'always-more' },
    { kind: 'repeat-page' },
    { kind: 'moving-next' },
    { kind: 'partial' },
    { kind: 'shape', shape: 'bundle' },
    { kind: 'shape', shape: 'list' },
    { kind: 'pad', bytes: 200_000 },
    { kind: 'body', text: '<html>login</html>' },
    { kind: 'body', text: '{"title":"Sorry"}' },
    { kind: 'content-type', value: null },
    { kind: 'content-type', value: answered },
  ),
  fc.record({
    kind: fc.constant('date-headers' as const),
    value: fc.constantFrom(null, 'undefined', 'Thu Feb 20 2020 12:00:00 GMT+0000 (Coordinated Universal Time)'),
  }),
  fc.record({ kind: fc.constant('content-range' as const), value: fc.constantFrom(null, 'bytes 0-9/25') }),
  fc.record({
    kind: fc.constant('status' as const),
    status: fc.constantFrom(400, 401, 403, 404, 406, 408, 410, 500, 502, 503, 504),
  }),
  fc.record({
    kind: fc.constant('status' as const),
    status: fc.constantFrom(429, 503),
    headers: fc.constantFrom<Record<string, string>>(
      {},
      { 'retry-after': '42' },
      { 'retry-after': '7200' },
      { 'retry-after': 'Wed, 01 May 2024 12:02:00 GMT' },
    ),
  }),
  fc.record({
    kind: fc.constant('redirect' as const),
    status: fc.constantFrom(301, 302, 307, 308),
    location: fc.constantFrom('here', 'elsewhere'),
  }),
);

const passing: fc.Arbitrary<Fault> = fc
  .record({
    fault: kinds,
    on: fc.constantFrom('objects' as const, 'objects' as const, 'objects' as const, undefined),
    skip: fc.integer({ min: 0, max: 4 }),
    times: fc.constantFrom(1, 2, 5, Number.POSITIVE_INFINITY),
  })
  .map(({ fault, on, ...rest }) => ({ ...fault, ...rest, ...(on === undefined ? {} : { on }) }));

/** Faults by which a part of the collection looks like all of it, or what nobody added like a part: none can be told. */
export function deceives(faults: readonly Fault[]): boolean {
  const has = (kind: Fault['kind']): boolean => faults.some((fault) => fault.kind === kind);
  const isList = faults.some((fault) => fault.kind === 'shape' && fault.shape === 'list');
  const hidesMore = has('omit-next') && has('omit-more');
  return hidesMore || (has('content-range') && has('repeat-page')) || (has('endless') && isList);
}

/** An answer that is lost after the server moved its cursor. */
const lostAnswer: fc.Arbitrary<Fault[]> = fc
  .record({
    kind: fc.constantFrom('truncate' as const, 'half-body' as const, 'disconnect' as const),
    on: fc.constant('objects' as const),
    skip: fc.integer({ min: 1, max: 3 }),
    times: fc.constantFrom(1, 2),
  })
  .map((fault) => [{ kind: 'moving-next' }, fault]);

const faults = fc.oneof(
  { weight: 6, arbitrary: fc.array(passing, { minLength: 1, maxLength: 3 }) },
  { weight: 2, arbitrary: lostAnswer },
  { weight: 3, arbitrary: fc.constant<Fault[]>([{ kind: 'omit-next' }]) },
  { weight: 1, arbitrary: fc.constant<Fault[]>([{ kind: 'endless', on: 'objects' }]) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: add },
  { weight: 2, arbitrary: renew },
  { weight: 1, arbitrary: rescore },
  { weight: 1, arbitrary: vanish },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(1, MINUTE, 30 * MINUTE, 61 * MINUTE, 25 * 60 * MINUTE)
      .map((ms) => ({ kind: 'pass' as const, ms })),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: -2 * MINUTE, max: 2 * MINUTE }).map((ms) => ({ kind: 'drift' as const, ms })),
  },
  { weight: 3, arbitrary: faults.map((list) => ({ kind: 'fault' as const, faults: list })) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'mend' }) },
  { weight: 1, arbitrary: fc.constant<Step>({ kind: 'restart' }) },
  {
    weight: 5,
    arbitrary: fc
      .option(fc.record({ at: fc.nat({ max: 4 }), change: fc.oneof(add, renew, vanish) }), { freq: 3 })
      .map((meanwhile) => ({ kind: 'poll' as const, meanwhile })),
  },
);

/** A server's life: its objects, its faults, and when it is polled. */
export const histories: fc.Arbitrary<History> = fc.record({
  versions: fc.constantFrom<History['versions']>(['2.1'], ['2.0'], ['2.0', '2.1']),
  pageSize: fc.integer({ min: 2, max: 9 }),
  limit: fc.constantFrom(2, 5, 1000),
  skewMs: fc.constantFrom(0, 5 * 60 * MINUTE, -5 * 60 * MINUTE, 3 * 24 * 60 * MINUTE, -3 * 24 * 60 * MINUTE),
  steps: fc.array(step, { minLength: 3, maxLength: 16 }),
});
