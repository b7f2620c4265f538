import type { Alert, Severity } from '../alert.ts';
import { factsOf, headlineOf, joinWithin, notesOf } from './alert-facts.ts';
import { shownLinks } from './alert-link.ts';
import { inertPlainText } from './inert-text.ts';

const severities: Readonly<Record<Severity, 'critical' | 'error' | 'warning' | 'info'>> = {
  High: 'critical',
  Medium: 'error',
  Low: 'warning',
  Informational: 'info',
};

/** Of the summary (https://developer.pagerduty.com/docs/send-alert-event). */
const summaryMax = 1024;
const callerMax = 256;
const valueMax = 1000;
const factMax = 4000;

/**
 * Renders an alert as an event of PagerDuty's Events API v2, without its routing_key, which the sink adds: the finding
 * is the incident, which opens or is added to by a create or update and is resolved by a close.
 */
export function formatPagerduty(alert: Alert): string {
  const { findingKey, activity } = alert;
  if (activity === 'close') return JSON.stringify({ event_action: 'resolve', dedup_key: findingKey });
  const caller = inertPlainText(alert.caller, callerMax);
  const details = [...notesOf(alert), ...factsOf(alert)].map((fact) => [
    fact.label,
    joinWithin(fact, factMax, (text) => inertPlainText(text, valueMax)),
  ]);
  const { windows } = alert.links;
  const links = shownLinks(alert.links).map(({ text, url }) => ({ href: url, text }));
  return JSON.stringify({
    event_action: 'trigger',
    dedup_key: findingKey,
    client: 'Tidewatch',
    ...(windows === null ? {} : { client_url: windows }),
    ...(links.length === 0 ? {} : { links }),
    payload: {
      summary: inertPlainText(`${headlineOf(alert)}: ${caller} from ${alert.ip}`, summaryMax),
      source: inertPlainText(alert.ip, callerMax),
      severity: severities[alert.severity],
      timestamp: alert.emittedAt,
      component: caller === '' ? 'unknown caller' : caller,
      group: 'Azure management plane',
      class: 'threat-intelligence-match',
      custom_details: Object.fromEntries(details) as unknown,
    },
  });
}
