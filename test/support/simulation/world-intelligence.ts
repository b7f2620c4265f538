import fc from 'fast-check';
import type { SourceSettings } from '../../../src/core/intel/indicator-reader.ts';
import { HOUR_MS } from '../../../src/core/time.ts';
import type { Setting } from '../address-arbitraries.ts';
import { sources, stixPattern } from '../indicator-arbitraries.ts';
import type { Publication } from './memory-feed.ts';
import type { WorldSpan } from './world-records.ts';

/** What one feed publishes over a span. */
export interface Intelligence {
  readonly source: SourceSettings;
  readonly publications: readonly Publication[];
}

const day = 24 * HOUR_MS;

/** Times at which validity may begin or end: on boundaries, a millisecond beside them, anywhere. */
function turningPoint({ startMs, endMs }: WorldSpan): fc.Arbitrary<number> {
  const hours = Math.floor((endMs - startMs) / HOUR_MS);
  return fc.oneof(
    fc.integer({ min: startMs, max: endMs }),
    fc
      .tuple(fc.integer({ min: 0, max: hours }), fc.constantFrom(-1, 0, 1))
      .map(([hour, ms]) => Math.ceil(startMs / HOUR_MS) * HOUR_MS + hour * HOUR_MS + ms),
  );
}

function pattern(setting: Setting): fc.Arbitrary<string> {
  const address = (setting.hot.at(0) ?? '').trim();
  const path = address.includes(':') ? 'ipv6-addr' : 'ipv4-addr';
  return fc.oneof(
    { weight: 5, arbitrary: fc.constant(`[${path}:value = '${address}']`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("[ipv4-addr:value = '198.51.100.0/24']", "[ipv4-addr:value = '52.0.0.0/10']"),
    },
    { weight: 2, arbitrary: stixPattern(setting) },
  );
}

interface Version extends Omit<Publication, 'object'> {
  readonly fields: Publication['object'];
}

/** How much of the intelligence changes while the service looks. */
export interface Constancy {
  /** Whether feeds hold everything from the start and keep it. */
  readonly settled: boolean;
  /** Whether validity neither begins nor ends. */
  readonly steady: boolean;
}

function version(setting: Setting, span: WorldSpan, { settled, steady }: Constancy): fc.Arbitrary<Version> {
  const { startMs, endMs } = span;
  const iso = (ms: number): string => new Date(ms).toISOString();
  const turns = steady ? 0 : 1;
  const before = startMs - HOUR_MS;
  const fields = fc.record({
    pattern: pattern(setting),
    valid_from: fc.oneof(
      { weight: 4, arbitrary: fc.constant(iso(startMs - 30 * day)) },
      { weight: turns, arbitrary: turningPoint(span).map(iso) },
      { weight: 1, arbitrary: fc.constant(undefined) },
    ),
    valid_until: fc.oneof(
      { weight: 4, arbitrary: fc.constant(iso(endMs + 30 * day)) },
      { weight: 2 * turns, arbitrary: turningPoint(span).map(iso) },
      { weight: 1, arbitrary: fc.constant(undefined) },
    ),
    confidence: fc.constantFrom(undefined, 100, 95, 95, 90, 90, 80, 74),
    revoked: fc.constantFrom(undefined, undefined, undefined, false, true),
    description: fc.constantFrom('Seen scanning', 'Botnet'),
    indicator_types: fc.constantFrom(undefined, ['malicious-activity'], ['anonymization', 'compromised']),
    labels: fc.constantFrom(undefined, ['c2']),
  });
  return fc.record({
    fields: fields.map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))),
    fromMs: settled
      ? fc.constant(before)
      : fc.oneof(
          { weight: 1, arbitrary: fc.constant(before) },
          { weight: 2, arbitrary: fc.integer({ min: startMs, max: endMs - HOUR_MS }) },
        ),
    untilMs: settled
      ? fc.constant(Number.POSITIVE_INFINITY)
      : fc.oneof(
          { weight: 3, arbitrary: fc.constant(Number.POSITIVE_INFINITY) },
          { weight: 1, arbitrary: fc.integer({ min: startMs, max: endMs }) },
        ),
  });
}

/** How the versions of an indicator follow each other. */
type Course =
  | 'any'
  /** The last is older than all before it, and so changes nothing. */
  | 'stale'
  /** Nothing changes but that it is revoked and restored in turn. */
  | 'restored';

interface History {
  readonly course: Course;
  readonly versions: readonly Version[];
}

/** The versions of one indicator, published in their order: they revoke, come back, lower and extend. */
function published(id: string, { course, versions }: History, startMs: number): Publication[] {
  const ordered = versions.toSorted((a, b) => a.fromMs - b.fromMs);
  return ordered.map(({ fields, fromMs, untilMs }, index) => {
    const age = course === 'stale' && index === ordered.length - 1 ? ordered.length : 0;
    const modified = new Date(startMs - day + (index - age) * 60_000 + 30_000).toISOString();
    const object = {
      type: 'indicator',
      spec_version: '2.1',
      id,
      created: modified,
      modified,
      pattern_type: 'stix',
      ...(course === 'restored' ? { ...ordered[0]!.fields, revoked: index % 2 === 1 } : fields),
    };
    return { object, fromMs, untilMs };
  });
}

/** What both feeds publish: some indicators each, in versions that revoke, restore, lower and extend. */
export function intelligence(setting: Setting, span: WorldSpan, constancy: Constancy): fc.Arbitrary<Intelligence[]> {
  const history: fc.Arbitrary<History> = fc.record({
    course: constancy.settled
      ? fc.constant<Course>('any')
      : fc.constantFrom<Course>('any', 'any', 'stale', 'restored', 'restored'),
    versions: fc.array(version(setting, span, constancy), { minLength: 1, maxLength: 5 }),
  });
  return fc
    .array(fc.array(history, { minLength: 1, maxLength: 2 }), { minLength: sources.length, maxLength: sources.length })
    .map((feeds) =>
      sources.map((source, feed) => ({
        source,
        publications: (feeds[feed] ?? []).flatMap((each, number) =>
          published(`indicator--${number}`, each, span.startMs),
        ),
      })),
    );
}
