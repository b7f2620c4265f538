import type { Alert, CorroborationGrade } from '../../../src/core/alert/alert.ts';
import { formatMs } from '../../../src/core/time.ts';
import { type SaidRow, saidBy } from '../e2e/flush-rows.ts';
import { pairOf } from '../simulation/evidence.ts';
import type { CommittedFlush } from './flush-law.ts';
import type { SentAlert } from './history.ts';
import type { Tide } from './tide.ts';

/** What was said of one pair of caller and address. */
interface Said {
  isOpen: boolean;
  /** Names of what was sent for sure. */
  readonly sent: Set<string>;
  last: Alert;
  /** The first match, until the flush of its window: what it held is known by its counts alone. */
  match: SentAlert | null;
  /** Whether a flush came between the first match and the one of its window. */
  isBlurred: boolean;
  /** Whether the service may have forgotten the pair, as nothing of it was left that it had read by then. */
  mayBeForgotten: boolean;
}

const grades: readonly CorroborationGrade[] = ['none', 'undetermined', 'other-principal', 'same-principal'];
const risks = ['', 'unknown', 'hidden', 'none', 'low', 'medium', 'high'];

export function pairOfAlert({ caller, ip }: Alert): string {
  return pairOf(caller, ip);
}

function pairOfRow({ row }: SaidRow): string {
  return pairOf(row.Caller, row.TI_IP);
}

function countOf({ row }: Pick<SaidRow, 'row'>): number {
  return row.OperationCount + row.TotalSigninCount;
}

/** Whether a row stands higher than what was last said, or an indicator is new. */
function rises(said: SaidRow, last: Alert): boolean {
  const known = new Set(last.indicators.map(({ source, id }) => `${source} ${id}`));
  return (
    said.row.ConfidenceScore > last.row.ConfidenceScore ||
    risks.indexOf(said.row.MaxUserRisk) > risks.indexOf(last.row.MaxUserRisk) ||
    grades.indexOf(said.grade) > grades.indexOf(last.corroboration.grade) ||
    said.indicators.some((indicator) => !known.has(indicator.join(' ')))
  );
}

/**
 * Works out which alerts a run had to tell, from the records, the feed and the boundaries, and writes down where it told
 * something else. Every record of such a run has an identity of its own, so that counts tell what a first match held.
 */
export class NewsLaw {
  readonly problems: string[] = [];
  /** Rows of flushes that were told, and rows that were rightly not told again. */
  readonly judged = { told: 0, silent: 0 };
  readonly #tide: Tide;
  readonly #repeats: boolean;
  readonly #said = new Map<string, Said>();

  constructor(tide: Tide, repeats: boolean) {
    this.#tide = tide;
    this.#repeats = repeats;
  }

  /** A first match or a withdrawal between flushes. */
  between(sent: SentAlert): void {
    const { alert, slot, windowEnd, emittedMs } = sent;
    const pair = pairOfAlert(alert);
    const said = this.#said.get(pair);
    if (slot === 'match') {
      if (said?.mayBeForgotten === false) this.#complain(sent, 'comes though the pair was known');
      if (alert.activity !== 'create') this.#complain(sent, `is an ${alert.activity}`);
      const row = this.#tide.rows(windowEnd, emittedMs).find((each) => pairOfRow(each) === pair);
      if (row === undefined) this.#complain(sent, 'appears in no row of its window');
      else if (countOf(row) < countOf(alert)) this.#complain(sent, `counts more than the ${countOf(row)} there are`);
      this.#said.set(pair, newlySaid(sent));
    } else if (said?.isOpen !== true) this.#complain(sent, 'comes though the finding was not open');
    else said.isOpen = false;
  }

  /** A flush, with the alerts that it sent. */
  flush(flush: CommittedFlush, alerts: readonly SentAlert[]): void {
    const rows = new Map(this.#tide.rows(flush.windowEnd, flush.ranMs).map((row) => [pairOfRow(row), row]));
    const sent = new Map(alerts.map((each) => [pairOfAlert(each.alert), each]));
    for (const [pair, row] of rows) this.#judgeRow(flush, pair, row, sent.get(pair) ?? null);
    for (const [pair, said] of this.#said)
      if (!rows.has(pair)) this.#judgeEnd(flush, pair, said, sent.get(pair) ?? null);
    for (const [pair, each] of sent)
      if (!rows.has(pair) && each.alert.activity !== 'close') this.#complain(each, 'comes where there is no row');
  }

  #judgeRow(flush: CommittedFlush, pair: string, row: SaidRow, sent: SentAlert | null): void {
    const before = this.#said.get(pair);
    const names = this.#tide.evidence(pair, flush.windowEnd);
    const wanted = this.#repeats || this.#isNews(flush, before, row, names);
    const at = `flush ${formatMs(flush.windowEnd)}: ${pair}`;
    if (wanted === true && sent === null) this.problems.push(`${at} is not told of`);
    if (wanted === false && sent !== null) this.problems.push(`${at} is told of, where nothing is new`);
    if (sent === null) this.judged.silent += 1;
    else this.#judgeAlert(sent, row, before);
    const said = before ?? (sent === null ? undefined : newlySaid(sent));
    if (said === undefined) return;
    this.#said.set(pair, said);
    for (const name of names) said.sent.add(name);
    if (sent !== null) Object.assign(said, { isOpen: true, last: sent.alert });
    said.mayBeForgotten = false;
    said.isBlurred = said.match !== null && said.match.windowEnd > flush.windowEnd;
    if (!said.isBlurred) said.match = null;
  }

  /** Null where it cannot be known from outside: what a first match for another window held is told by its counts alone. */
  #isNews(flush: CommittedFlush, said: Said | undefined, row: SaidRow, names: ReadonlySet<string>): boolean | null {
    if (said?.isOpen !== true || rises(row, said.last)) return true;
    const hasMore = [...names].some((name) => !said.sent.has(name));
    const { match } = said;
    if (match === null) return hasMore;
    if (match.windowEnd > flush.windowEnd) return null;
    if (said.isBlurred) return hasMore ? null : false;
    return countOf(match.alert) !== countOf(row);
  }

  #judgeAlert(sent: SentAlert, row: SaidRow, said: Said | undefined): void {
    this.judged.told += 1;
    const { alert } = sent;
    const activity = said?.isOpen === true ? 'update' : 'create';
    if (alert.activity !== activity) this.#complain(sent, `is no ${activity} but ${alert.activity}`);
    const told = JSON.stringify(saidBy([alert])[0]);
    const { grade, truncated, indicators } = row;
    const wanted = JSON.stringify({ row: row.row, grade, truncated, indicators });
    if (told !== wanted) this.#complain(sent, `differs from the reference:\n  told ${told}\n  true ${wanted}`);
    if (alert.partial !== null || alert.incomplete !== null) this.#complain(sent, 'is marked partial or incomplete');
  }

  /** A finding without a row is closed at once: by the withdrawal of its indicators, else by the flush. */
  #judgeEnd(flush: CommittedFlush, pair: string, said: Said, sent: SentAlert | null): void {
    const at = `flush ${formatMs(flush.windowEnd)}: ${pair}`;
    const isEmpty = this.#tide.isEmpty(pair, flush);
    if (!said.isOpen && sent !== null) this.problems.push(`${at} is closed twice`);
    if (said.isOpen && isEmpty === true && sent?.alert.closeReason !== 'window-empty')
      this.problems.push(`${at} is not closed as empty`);
    if (said.isOpen && isEmpty !== true && !this.#tide.isMatched(pair, flush))
      this.problems.push(`${at} was not withdrawn`);
    if (sent !== null) said.isOpen = false;
    if (isEmpty === true || (isEmpty === null && sent !== null)) this.#said.delete(pair);
    else said.mayBeForgotten ||= isEmpty === null;
  }

  #complain({ alert, slot }: SentAlert, what: string): void {
    this.problems.push(`${slot} of ${pairOfAlert(alert)} for ${alert.windowEnd}, sent ${alert.emittedAt}, ${what}`);
  }
}

function newlySaid(sent: SentAlert): Said {
  const match = sent.slot === 'match' ? sent : null;
  return { isOpen: true, sent: new Set(), last: sent.alert, match, isBlurred: false, mayBeForgotten: false };
}
