import { listed } from './world-addresses.ts';
import { counterProblems } from './counter-law.ts';
import type { Evidence, Stretch } from './evidence.ts';
import { committedFlushes, type CommittedFlush } from './flush-law.ts';
import { historyOf, type SentAlert } from './history.ts';
import { IndexTimeline } from './index-timeline.ts';
import { NewsLaw, pairOfAlert } from './news-law.ts';
import { sinkProblems } from './sink-law.ts';
import { Tide } from './tide.ts';

/** What a run did and what it did wrong. */
export interface Judgement {
  readonly problems: readonly string[];
  readonly flushes: number;
  readonly alerts: number;
  /** Rows of flushes that were told, and those that were rightly not told again. */
  readonly rows: { readonly told: number; readonly silent: number };
}

/** Holds what a run left behind against the reference evaluator and the expected set of alerts. */
export function judge(evidence: Evidence): Judgement {
  const { history, problems } = historyOf(evidence);
  const { flushes, problems: flushProblems } = committedFlushes(evidence.flushes);
  const timeline = new IndexTimeline(evidence, history);
  const tide = new Tide(evidence.received, timeline);
  const news = new NewsLaw(tide, evidence.repeats);
  const told = history.filter(({ slot }) => slot !== 'expired');
  let rest = told.filter((sent) => !isLost(sent, evidence.damaged));
  for (const flush of flushes) {
    for (const sent of rest) if (sent.slot !== 'flush' && isBefore(sent, flush)) news.between(sent);
    news.flush(
      flush,
      rest.filter(({ slot, windowEnd }) => slot === 'flush' && windowEnd === flush.windowEnd),
    );
    rest = rest.filter((sent) => (sent.slot === 'flush' ? sent.windowEnd !== flush.windowEnd : !isBefore(sent, flush)));
  }
  const stray = rest.filter(({ slot }) => slot === 'flush').map(({ alert }) => `alert ${alert.id} is of no flush`);
  const unseen = timeline.unseen.map(({ address }) => `the change of the feed about ${address} never showed`);
  return {
    problems: [
      ...problems,
      ...flushProblems,
      ...unseen,
      ...news.problems,
      ...stray,
      ...expiredProblems(history, tide, flushes),
      ...sinkProblems(
        history.map(({ alert }) => alert),
        evidence.arrivals,
        evidence.damaged,
      ),
      ...counterProblems(evidence.expositions, evidence.received.length),
    ],
    flushes: flushes.length,
    alerts: history.length,
    rows: news.judged,
  };
}

/** Whether an alert was told before a flush ran. What a flush lets in late is told at its instant, for a later window. */
function isBefore({ emittedMs, windowEnd }: SentAlert, flush: CommittedFlush): boolean {
  return emittedMs < flush.ranMs || (emittedMs === flush.ranMs && windowEnd <= flush.windowEnd);
}

/** Whether the state that an alert was told from was damaged, so that the run went on from one before it. */
function isLost({ emittedMs }: SentAlert, damaged: readonly Stretch[]): boolean {
  return damaged.some(({ fromMs, toMs }) => emittedMs >= fromMs && emittedMs <= toMs);
}

/** Activity that came too late for every window has an alert of its own, and nothing else has. */
function expiredProblems(history: readonly SentAlert[], tide: Tide, flushes: readonly CommittedFlush[]): string[] {
  const lastEnd = flushes.at(-1)?.windowEnd ?? 0;
  const due = tide.expired(lastEnd);
  const told = new Set(
    history.filter(({ slot }) => slot === 'expired').map((sent) => `${pairOfAlert(sent.alert)} ${sent.windowEnd}`),
  );
  const always = [...due].filter((key) => listed.some((ip) => key.includes(` ${ip} `)));
  return [
    ...always.filter((key) => !told.has(key)).map((key) => `expired match ${key} is not told of`),
    ...[...told].filter((key) => !due.has(key)).map((key) => `expired match ${key} is told of, and is none`),
  ];
}
