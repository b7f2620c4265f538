import type { Alert } from '../../../src/core/alert/alert.ts';
import { formatNative } from '../../../src/core/alert/format/alert-format.ts';
import { formatSentinel } from '../../../src/core/alert/format/sentinel.ts';
import { formatAlertmanager } from '../../../src/core/alert/preset/alertmanager.ts';
import { formatPagerduty } from '../../../src/core/alert/preset/pagerduty.ts';
import { formatSlack } from '../../../src/core/alert/preset/slack.ts';
import { formatTeams } from '../../../src/core/alert/preset/teams.ts';
import type { Stretch } from './evidence.ts';
import type { ShoreSink } from './shore.ts';

type Arrivals = ReadonlyMap<ShoreSink, readonly string[]>;

/** What a sink is given of an alert. */
const documentOf: Readonly<Record<ShoreSink, (alert: Alert) => string>> = {
  stdout: formatNative,
  'event-hubs': formatNative,
  blob: formatNative,
  sentinel: formatSentinel,
  webhook: formatNative,
  slack: formatSlack,
  teams: formatTeams,
  pagerduty: formatPagerduty,
  alertmanager: formatAlertmanager,
};

/** The parts of what arrived that can be told apart: of a list its elements, of an event all but its routing key. */
function partsOf(sink: ShoreSink, text: string): readonly string[] {
  if (sink === 'alertmanager') return (JSON.parse(text) as unknown[]).map((each) => JSON.stringify(each));
  if (sink !== 'pagerduty') return [text];
  const event = JSON.parse(text) as Record<string, unknown>;
  delete event['routing_key'];
  return [JSON.stringify(event)];
}

function countsOf(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

/**
 * Holds what arrived at each sink against the alerts that were told: each arrived, under its id with its content, as
 * often as alerts have that content or oftener, and nothing else did. Alerts of a stretch whose state was damaged may be
 * told anew with another content, so that neither is held against them.
 */
export function sinkProblems(alerts: readonly Alert[], arrivals: Arrivals, damaged: readonly Stretch[]): string[] {
  const isSure = ({ emittedAt }: Alert): boolean =>
    damaged.every(({ fromMs, toMs }) => Date.parse(emittedAt) < fromMs || Date.parse(emittedAt) > toMs);
  const sure = [...new Map(alerts.filter(isSure).map((alert) => [alert.id, alert])).values()];
  return [...arrivals].flatMap(([sink, texts]) => {
    const arrived = countsOf(texts.flatMap((text) => partsOf(sink, text)));
    const wanted = countsOf(sure.flatMap((alert) => partsOf(sink, documentOf[sink](alert))));
    const missing = [...wanted].filter(([text, count]) => (arrived.get(text) ?? 0) < count);
    // Reminders tell of open findings at other times.
    const mayTellMore = sink === 'alertmanager' || damaged.length > 0;
    const strange = mayTellMore ? [] : [...arrived.keys()].filter((text) => !wanted.has(text));
    return [
      ...missing.map(([text]) => `${sink} was not given ${text.slice(0, 400)}`),
      ...strange.map((text) => `${sink} was given what nobody told: ${text.slice(0, 400)}`),
    ];
  });
}
