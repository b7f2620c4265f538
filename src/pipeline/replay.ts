import type { RangeSet } from '../core/address-range.ts';
import type { Alert } from '../core/alert/alert.ts';
import type { LinkSettings } from '../core/alert/links.ts';
import type { SeverityPolicy } from '../core/alert/severity.ts';
import type { Digest } from '../core/alert/alert-id.ts';
import type { DecodedMessage } from '../core/decode/decoded.ts';
import { Engine } from '../core/engine.ts';
import { fold } from '../core/observation.ts';
import type { AzureRecord, ReceivedRecord, Stream } from '../core/record.ts';
import { Tally } from '../core/tally.ts';
import { compareTime, eventTime, paneEnd } from '../core/time.ts';
import type { AllowLists } from '../core/intel/allow-lists.ts';
import { compareText } from '../core/intel/stix-time.ts';
import type { ReplayIntelligence } from './replay-intelligence.ts';
import type { ReplayRecords } from './replay-records.ts';

/** How the rule is set. Times in ms. */
export interface ReplayRule {
  readonly lookbackMs: number;
  readonly hopMs: number;
  readonly minConfidence: number;
  readonly excluded: RangeSet;
  readonly statuses: readonly string[];
  readonly streams: ReadonlySet<Stream>;
  readonly deduplicate: boolean;
  /** Whether every flush emits every row. */
  readonly repeats: boolean;
  readonly severityPolicy: SeverityPolicy;
  readonly links: LinkSettings;
}

export interface ReplayInput extends ReplayRecords {
  readonly rule: ReplayRule;
  readonly intelligence: ReplayIntelligence;
  readonly allowLists: AllowLists;
  readonly digest: Digest;
}

const origin = 'replay';

/** A replay holds its records anyway, so no bound may change its result. Addresses that nothing names need no memory. */
const bounds = {
  candidateMaxBytes: 64 * 1024 ** 2,
  pinnedMaxBytes: Number.POSITIVE_INFINITY,
  evictionMarksMax: Number.POSITIVE_INFINITY,
  deduplicateMaxBytes: Number.POSITIVE_INFINITY,
  deferredMax: Number.POSITIVE_INFINITY,
  outboxMax: Number.POSITIVE_INFINITY,
  silencesMax: 0,
};

function createEngine(input: ReplayInput, rule: ReplayRule, firstBoundary: number): Engine {
  const { lookbackMs, hopMs, deduplicate, repeats, excluded, streams, severityPolicy, links } = rule;
  const options = {
    lookbackMs,
    hopMs,
    flushDelayMs: 0,
    flushMaxWaitMs: 0,
    deduplicate,
    repeats,
    severityPolicy,
    links,
    observation: { excluded, statuses: new Set(rule.statuses.map(fold)), streams },
    bounds,
    sinks: [origin],
    recentAlertsMax: 1,
    digest: input.digest,
    isDurable: false,
  };
  const engine = new Engine(options, { firstBoundary, warmUntil: null });
  engine.swapAllowLists(input.allowLists, firstBoundary);
  return engine;
}

function messageOf(record: AzureRecord): DecodedMessage {
  return { records: [{ ...record, index: 0 }], unwanted: 0, unknown: [], noise: 0, deadLetters: [], total: 1 };
}

/** Takes the alerts that wait out of the outbox. */
function drain(engine: Engine): readonly Alert[] {
  const alerts = engine.outbox.waiting(origin, Number.MAX_SAFE_INTEGER);
  engine.outbox.delivered(origin, alerts.length);
  return alerts;
}

/**
 * The rows of a flush at an instant (ms since 1970, any), each an alert of its own, by address and caller. Records
 * outside the window (at − lookback, at] may be given or not.
 */
export function replayAt(input: ReplayInput, at: number): Alert[] {
  const { rule, intelligence, records } = input;
  // Panes end at multiples of the hop, so the hop is made to reach the instant.
  const hopMs = greatestCommonDivisor(rule.hopMs, Math.abs(at));
  const engine = createEngine(input, { ...rule, hopMs, repeats: true }, at);
  engine.setIndex(intelligence.indexAt(at), intelligence.reasonGone, at);
  const tally = new Tally();
  records.forEach(({ record, enqueuedMs }, sequenceNumber) => {
    if (compareTime(record.time ?? eventTime(enqueuedMs), eventTime(at)) > 0) return;
    if (enqueuedMs < at - rule.lookbackMs) return;
    engine.take({ origin, sequenceNumber, offset: '', enqueuedMs, decoded: messageOf(record) }, at, tally);
  });
  // First matches on the way: the flush says all of it again.
  drain(engine);
  engine.flush({ lagging: [] }, at);
  return drain(engine)
    .map((alert): Alert => ({ ...alert, activity: 'create' }))
    .sort((a, b) => compareText(a.ip, b.ip) || compareText(a.row.Caller, b.row.Caller));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/**
 * What the service would have emitted, had it run while the records came in: first matches at their event time, changes
 * of indicators at theirs, a flush at each boundary from the first at or after the earliest record to the first at or
 * after the last. In the order of emission.
 */
export function* replayHourly(input: ReplayInput): Generator<Alert> {
  const { rule, records, span } = input;
  if (span === null) return;
  const lastBoundary = paneEnd(span.last, rule.hopMs);
  let run: ReplayRun | null = null;
  for (const received of records) {
    const end = paneEnd(received.record.time ?? eventTime(received.enqueuedMs), rule.hopMs);
    if (run !== null && run.emptyAfter < end - rule.hopMs) {
      yield* run.advance(run.emptyAfter, run.emptyAfter);
      run = null;
    }
    run ??= new ReplayRun(input, end);
    yield* run.take(received, end);
  }
  const until = run === null ? lastBoundary : Math.min(lastBoundary, run.emptyAfter);
  if (run !== null) yield* run.advance(until, until);
}

/** A stretch of replayed time without a gap in which every window empties: gaps of years cost nothing. */
class ReplayRun {
  readonly #engine: Engine;
  readonly #input: ReplayInput;
  readonly #tally = new Tally();
  #now: number;
  #sequenceNumber = 0;
  /** The boundary at which every window is empty, unless more comes before it. */
  emptyAfter: number;

  constructor(input: ReplayInput, firstBoundary: number) {
    const { rule, intelligence } = input;
    this.#input = input;
    this.#now = firstBoundary - rule.hopMs;
    this.emptyAfter = firstBoundary + rule.lookbackMs;
    this.#engine = createEngine(input, rule, firstBoundary);
    this.#engine.setIndex(intelligence.indexAt(this.#now), intelligence.reasonGone, this.#now);
  }

  *take({ record, enqueuedMs }: ReceivedRecord, end: number): Generator<Alert> {
    const { hopMs, lookbackMs } = this.#input.rule;
    yield* this.advance(enqueuedMs, end - hopMs);
    this.emptyAfter = end + lookbackMs;
    const message = {
      origin,
      sequenceNumber: this.#sequenceNumber++,
      offset: '',
      enqueuedMs,
      decoded: messageOf(record),
    };
    this.#engine.take(message, enqueuedMs, this.#tally);
    yield* drain(this.#engine);
  }

  /** Lets happen what happens by itself up to an instant: changes of indicators, and flushes up to a boundary. */
  *advance(now: number, lastFlush: number): Generator<Alert> {
    const { intelligence } = this.#input;
    const engine = this.#engine;
    for (;;) {
      const flushAt = engine.boundary <= lastFlush ? engine.boundary : Number.POSITIVE_INFINITY;
      const transition = Math.ceil(engine.index.nextTransition(this.#now) ?? Number.POSITIVE_INFINITY);
      const changeAt = Math.min(intelligence.nextChange, transition);
      const at = Math.min(flushAt, changeAt);
      if (at > now) break;
      this.#now = at;
      if (intelligence.nextChange <= at) engine.setIndex(intelligence.indexAt(at), intelligence.reasonGone, at);
      else if (changeAt === at) engine.tick(at);
      else engine.flush({ lagging: [] }, at);
      yield* drain(engine);
    }
    this.#now = Math.max(this.#now, now);
  }
}
