import type { Alert, CorroborationGrade } from '../../../src/core/alert/alert.ts';
import { formatMs, HOUR_MS } from '../../../src/core/time.ts';
import { canonicalAddress } from '../reference/address-text.ts';
import { activeIndicators } from '../reference/reference-indicators.ts';
import { referenceRepaired, type ReferenceRow } from '../reference/reference-repaired.ts';
import type { ReceivedRecord } from '../../../src/core/record.ts';
import { addressOf, countingOf, pairOf, type Counting } from './evidence.ts';
import type { Emission, FlushStep, Step } from './recorder.ts';
import type { Simulation } from './simulation.ts';
import type { World } from './world.ts';

/** What has been said of one pair. */
interface Said {
  isOpen: boolean;
  /** Window end of the last alert. */
  readonly toldEnd: number;
  /** Whether a flush told of it whose indicators had ended before it ran: that is closed by the next at the latest. */
  hasLapsed: boolean;
  /** Everything that alerts told of, by name. */
  readonly sent: Set<string>;
  /** Risk, grade, confidence and indicators of the last alert. */
  last: Standing;
}

interface Standing {
  readonly risk: number;
  readonly grade: number;
  readonly confidence: number;
  readonly indicators: ReadonlySet<string>;
}

const grades: readonly CorroborationGrade[] = ['none', 'undetermined', 'other-principal', 'same-principal'];
const risks = ['', 'unknown', 'hidden', 'none', 'low', 'medium', 'high'];

function standingOf({ row, grade, indicators }: ReferenceRow): Standing {
  return {
    risk: risks.indexOf(row.MaxUserRisk),
    grade: grades.indexOf(grade),
    confidence: row.ConfidenceScore,
    indicators: new Set(indicators.map(([source, id]) => `${source} ${id}`)),
  };
}

function standingOfAlert({ row, corroboration, indicators }: Alert): Standing {
  const pairs = indicators.map(({ source, id }): [string, string] => [source, id]);
  return standingOf({ row, grade: corroboration.grade, truncated: [], indicators: pairs });
}

/** Whether something stands higher than it did, or an indicator is new. */
function rises(now: Standing, before: Standing): boolean {
  if (now.risk > before.risk || now.grade > before.grade || now.confidence > before.confidence) return true;
  return [...now.indicators].some((indicator) => !before.indicators.has(indicator));
}

/**
 * What alerts there must be when only news are told, worked out from sets of what was sent rather than from windows.
 * Follows a run step by step and writes down where it did something else.
 */
class NewsModel {
  readonly problems: string[] = [];
  readonly #world: World;
  readonly #received: ReceivedRecord[] = [];
  readonly #places = new Set<string>();
  readonly #said = new Map<string, Said>();
  readonly #used = new Set<string>();
  /** Records in the windows, and those that wait for the flush they came after. */
  #admitted: Counting[] = [];
  #deferred: Counting[] = [];
  readonly #retold = new Set<Counting>();

  constructor(world: World) {
    this.#world = world;
  }

  follow(step: Step): void {
    if (step.kind === 'take') this.#take(step);
    else if (step.kind === 'flush') this.#flush(step);
    else this.#reconcile(step);
  }

  #take(step: Extract<Step, { kind: 'take' }>): void {
    const { origin, sequenceNumber, enqueuedMs, decoded } = step.message;
    const waiting = [...step.emissions];
    for (const record of decoded.records) {
      const place = `${origin}/${sequenceNumber}/${record.index}`;
      if (this.#places.has(place)) continue;
      this.#places.add(place);
      this.#received.push({ record, enqueuedMs, place });
      const counting = countingOf(record, enqueuedMs, place, this.#world);
      if (counting === null) continue;
      const isGone = counting.paneEnd <= step.boundary - this.#world.options.lookbackMs;
      if (!isGone && counting.firstFlush > Math.max(step.boundary, counting.paneEnd)) this.#deferred.push(counting);
      else this.#admit(counting, step.boundary, step, waiting);
    }
    this.#expectNone(waiting, step);
  }

  /** Counts a record, or reports it when it is older than every window, with the alert that this must raise. */
  #admit(counting: Counting, boundary: number, step: Step, waiting: Emission[]): void {
    const { pair, paneEnd } = counting;
    const isMatched = this.#isMatched(counting.ip, step.nowMs, step);
    if (paneEnd <= boundary - this.#world.options.lookbackMs) {
      if (pair !== null && isMatched && !step.warming) this.#expectExpired(pair, paneEnd, step, waiting);
      return;
    }
    this.#noteCopies(counting, boundary);
    this.#admitted.push(counting);
    if (pair === null || !isMatched || this.#said.has(pair)) return;
    const emission = this.#takeOut(waiting, 'match', pair, Math.max(boundary, paneEnd));
    if (emission === null) this.#complain(step, `no first match of ${pair}`);
    else this.#send(emission.alert);
  }

  /**
   * What was sent is kept by the hour, so a copy in an hour before the first one's, or under a new name, may be told
   * again. So may one of what the first window that it is judged in no longer reaches, whether or not that is still held.
   */
  #noteCopies(counting: Counting, boundary: number): void {
    const [identity, ...names] = counting.adds;
    const windowEnd = Math.max(boundary, counting.paneEnd);
    const windowStart = windowEnd - this.#world.options.lookbackMs;
    const others = this.#admitted.filter(({ adds }) => adds[0] === identity);
    const ahead = others.filter(({ paneEnd }) => paneEnd > windowEnd);
    const isIn = (add: string, all: readonly Counting[]): boolean => all.some(({ adds }) => adds.includes(add));
    const isRenamed = others.length > 0 && !names.every((name) => isIn(name, this.#admitted));
    const reached = this.#admitted.filter(({ paneEnd }) => paneEnd > windowStart);
    const isBack = counting.adds.some((add) => isIn(add, this.#admitted) && !isIn(add, reached));
    for (const each of ahead) this.#retold.add(each);
    if (ahead.length > 0 || isRenamed || isBack) this.#retold.add(counting);
  }

  /** A match that is older than every window is told of once a pair and window end. */
  #expectExpired(pair: string, paneEnd: number, step: Step, waiting: Emission[]): void {
    const isFirst = this.#isFirst(`expired ${pair} ${paneEnd}`);
    const emission = this.#takeOut(waiting, 'expired', pair, paneEnd);
    if ((emission !== null) !== isFirst) this.#complain(step, `${isFirst ? 'no' : 'second'} expired match of ${pair}`);
  }

  /** An index or an instant at which validity begins or ends: withdrawals, then matches of what was there already. */
  #reconcile(step: Step): void {
    const waiting = [...step.emissions];
    for (const [pair, said] of this.#said) {
      if (!said.isOpen || this.#isMatched(addressOf(pair), step.nowMs, step)) continue;
      const windowEnd = Math.max(step.boundary, ...this.#paneEnds(pair));
      // A second withdrawal in one window waits for the flush.
      const emission = this.#takeOut(waiting, 'withdraw', pair, windowEnd);
      if (emission === null && said.hasLapsed) continue;
      const isFirst = this.#isFirst(`withdraw ${pair} ${windowEnd}`);
      if ((emission !== null) !== isFirst) this.#complain(step, `${pair} is ${isFirst ? 'not' : 'twice'} withdrawn`);
      if (emission !== null) said.isOpen = false;
    }
    for (const pair of new Set(this.#admitted.map((each) => each.pair).filter((each) => each !== null))) {
      if (this.#said.has(pair) || !this.#isMatched(addressOf(pair), step.nowMs, step)) continue;
      const windowEnd = Math.max(step.boundary, ...this.#paneEnds(pair));
      const emission = this.#takeOut(waiting, 'match', pair, windowEnd);
      if (emission === null) this.#complain(step, `no match of ${pair}`);
      else this.#send(emission.alert);
    }
    this.#expectNone(waiting, step);
  }

  #flush(step: FlushStep): void {
    const { windowEnd } = step.result;
    const { options } = this.#world;
    const waiting = [...step.emissions];
    const rows = new Map(
      referenceRepaired(this.#received, step.held, windowEnd, options).map((each) => {
        return [pairOf(each.row.Caller, each.row.TI_IP), each];
      }),
    );
    for (const [pair, each] of rows) this.#expectRow(pair, each, step, waiting);
    this.#expectCloses(rows, step, waiting);
    const boundary = windowEnd + HOUR_MS;
    this.#admitted = this.#admitted.filter(({ paneEnd }) => paneEnd > boundary - options.lookbackMs);
    this.#forget();
    const due = this.#deferred.filter(({ firstFlush }) => firstFlush <= boundary);
    this.#deferred = this.#deferred.filter(({ firstFlush }) => firstFlush > boundary);
    for (const counting of due) this.#admit(counting, boundary, step, waiting);
    this.#expectNone(waiting, step);
  }

  /** What has left the windows is news when it comes again. */
  #forget(): void {
    const held = new Set(this.#admitted.flatMap(({ adds }) => adds));
    for (const { sent } of this.#said.values()) for (const name of sent) if (!held.has(name)) sent.delete(name);
  }

  /** A row is told of when it is new, when it comes back, and when something was added since it was told of. */
  #expectRow(pair: string, each: ReferenceRow, step: FlushStep, waiting: Emission[]): void {
    const { windowEnd } = step.result;
    const said = this.#said.get(pair);
    const comesBack = said?.isOpen === false && this.#isMatched(each.row.TI_IP, step.nowMs, step);
    const added = [...this.#evidence(pair, each.row.TI_IP, windowEnd)].filter((name) => said?.sent.has(name) !== true);
    const isNews = said === undefined || comesBack || added.length > 0 || rises(standingOf(each), said.last);
    const emission = this.#takeOut(waiting, 'flush', pair, windowEnd);
    if (emission === null && isNews) this.#complain(step, `nothing told of ${pair}, where new is ${added.join(', ')}`);
    if (emission === null) return;
    if (!isNews && !this.#within(pair, each.row.TI_IP, windowEnd).some((counting) => this.#retold.has(counting)))
      this.#complain(step, `told of ${pair}, where nothing is new`);
    const activity = said?.isOpen === true ? 'update' : 'create';
    if (emission.alert.activity !== activity) this.#complain(step, `${emission.alert.activity} of ${pair}`);
    this.#send(emission.alert).hasLapsed = !this.#isMatched(each.row.TI_IP, step.nowMs, step);
  }

  /** A finding is closed when its window is empty or when no indicator names its address any more. */
  #expectCloses(rows: ReadonlyMap<string, ReferenceRow>, step: FlushStep, waiting: Emission[]): void {
    const { windowEnd } = step.result;
    const windowStart = windowEnd - this.#world.options.lookbackMs;
    for (const [pair, said] of [...this.#said]) {
      if (rows.has(pair)) continue;
      const ip = addressOf(pair);
      const ends = this.#paneEnds(pair).filter((paneEnd) => paneEnd > windowStart);
      const isEmpty = said.toldEnd <= windowEnd && !ends.some((paneEnd) => paneEnd <= windowEnd);
      const isGone = !this.#isMatched(ip, windowEnd, step) && !this.#isMatched(ip, step.nowMs, step);
      if (said.isOpen && (isEmpty || isGone)) {
        const emission = this.#takeOut(waiting, 'flush', pair, windowEnd);
        if (emission?.alert.activity !== 'close') this.#complain(step, `${pair} is not closed`);
        else if ((emission.alert.closeReason === 'window-empty') !== isEmpty)
          this.#complain(step, `${pair} is closed as ${emission.alert.closeReason ?? 'nothing'}`);
        said.isOpen = false;
      }
      if (ends.length === 0) this.#said.delete(pair);
    }
  }

  #send(alert: Alert): Said {
    const pair = pairOf(alert.caller, alert.ip);
    const sent = this.#said.get(pair)?.sent ?? new Set<string>();
    const toldEnd = Date.parse(alert.windowEnd);
    const said: Said = { isOpen: true, toldEnd, hasLapsed: false, sent, last: standingOfAlert(alert) };
    for (const name of this.#evidence(pair, alert.ip, Date.parse(alert.windowEnd))) said.sent.add(name);
    this.#said.set(pair, said);
    return said;
  }

  /** Names of everything about a pair that lies in the windows a window covers. */
  #evidence(pair: string, ip: string, windowEnd: number): Set<string> {
    return new Set(this.#within(pair, ip, windowEnd).flatMap(({ adds }) => adds));
  }

  #within(pair: string, ip: string, windowEnd: number): readonly Counting[] {
    const windowStart = windowEnd - this.#world.options.lookbackMs;
    return this.#admitted
      .filter((each) => each.paneEnd > windowStart && each.paneEnd <= windowEnd)
      .filter((each) => (each.pair === null ? each.ip === ip : each.pair === pair));
  }

  #paneEnds(pair: string): readonly number[] {
    return this.#admitted.filter((each) => each.pair === pair).map(({ paneEnd }) => paneEnd);
  }

  /** Whether a slot that is used once is used now. */
  #isFirst(use: string): boolean {
    if (this.#used.has(use)) return false;
    this.#used.add(use);
    return true;
  }

  #isMatched(ip: string, at: number, { held }: Step): boolean {
    const address = canonicalAddress(ip) ?? ip;
    return activeIndicators(held, at, this.#world.options.minConfidence).some(({ covers }) => covers(address));
  }

  #takeOut(waiting: Emission[], slot: Emission['slot'], pair: string, windowEnd: number): Emission | null {
    const index = waiting.findIndex(
      ({ slot: other, alert }) =>
        other === slot && pairOf(alert.caller, alert.ip) === pair && alert.windowEnd === formatMs(windowEnd),
    );
    return waiting.splice(index < 0 ? waiting.length : index, 1)[0] ?? null;
  }

  #expectNone(waiting: readonly Emission[], step: Step): void {
    for (const { alert, slot } of waiting)
      this.#complain(step, `${slot} ${alert.activity} of ${pairOf(alert.caller, alert.ip)} for ${alert.windowEnd}`);
  }

  #complain(step: Step, what: string): void {
    const name = step.kind === 'flush' ? `flush ${formatMs(step.result.windowEnd)}` : step.kind;
    this.problems.push(`${name} at ${formatMs(Math.round(step.nowMs))}: ${what}`);
  }
}

/** Where a run told something that is no news, or did not tell what is. */
export function problemsOf({ world, recorder }: Simulation): readonly string[] {
  const model = new NewsModel(world);
  for (const step of recorder.steps) model.follow(step);
  return model.problems;
}
