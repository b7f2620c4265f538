import { type Alert, severities, type Severity } from '../alert.ts';
import type { OpenFinding } from '../open-finding.ts';
import { fold } from '../../observation.ts';
import { HOUR_MS } from '../../time.ts';
import { factsOf, headlineOf, joinWithin, notesOf, type Fact } from './alert-facts.ts';
import { inertPlainText } from './inert-text.ts';

const valueMax = 500;
const factMax = 2000;

/** How long a close may come after the end of the last window: flush delay, a lagging partition, retries. */
const closeDelayMs = 2 * HOUR_MS;

/**
 * An alert that ends in the future of Alertmanager's clock does not count as resolved, and merging then keeps the later
 * end it knew before (types.Alert.Merge). So a close ends this long ago, for clocks that differ.
 */
const clockSkewMs = 60_000;

/**
 * Renders an alert as alerts of the Alertmanager API v2, a JSON list. The labels are the identity: the finding, and its
 * severity, by which alerts are routed. It fires until its close, one window after its last evidence at most, and ends by
 * itself if no close ever comes. As a severity may have been another one before, all others end with each later alert.
 */
export function formatAlertmanager(alert: Alert): string {
  const emittedMs = Date.parse(alert.emittedAt);
  const facts = [...notesOf(alert), ...factsOf(alert)];
  const summary = headlineOf(alert);
  const { severity } = alert;
  const ended = (level: Severity): object => entry(alert, level, emittedMs - clockSkewMs, summary, facts);
  if (alert.activity === 'close') return JSON.stringify(severities.map(ended));
  const others = alert.activity === 'create' ? [] : severities.filter((level) => level !== severity);
  return JSON.stringify([entry(alert, severity, firingUntil(alert, emittedMs), summary, facts), ...others.map(ended)]);
}

/** Renders an open finding again: Alertmanager keeps no alerts across its restarts. */
export function remindAlertmanager(finding: OpenFinding, nowMs: number): string {
  const summary = headlineOf({ ...finding, activity: 'update' });
  const untilMs = firingUntil(finding, nowMs);
  return JSON.stringify([entry(finding, finding.severity, untilMs, summary, factsOf(finding))]);
}

/** One list of the alerts in several. */
export function joinAlertmanager(lists: readonly string[]): string {
  return `[${lists.map((list) => list.slice(1, -1)).join(',')}]`;
}

function firingUntil(finding: OpenFinding, nowMs: number): number {
  const lookbackMs = Date.parse(finding.windowEnd) - Date.parse(finding.windowStart);
  return Math.max(nowMs, Date.parse(finding.windowEnd)) + lookbackMs + closeDelayMs;
}

function entry(
  finding: OpenFinding,
  severity: Severity,
  endMs: number,
  summary: string,
  facts: readonly Fact[],
): object {
  const details = facts.map((fact): [string, string] => [
    annotationName(fact.label),
    joinWithin(fact, factMax, (text) => inertPlainText(text, valueMax)),
  ]);
  const { windows, resources } = finding.links;
  return {
    labels: {
      alertname: 'TidewatchThreatIntelligenceMatch',
      findingKey: finding.findingKey,
      // The form that is shown may change with the window; an identity must not.
      caller: inertPlainText(fold(finding.caller), valueMax),
      ip: inertPlainText(finding.ip, valueMax),
      severity: severity.toLowerCase(),
    },
    annotations: {
      summary,
      ...Object.fromEntries(details),
      ...(resources.length === 0 ? {} : { resource_links: resources.join(' ') }),
    },
    ...(windows === null ? {} : { generatorURL: windows }),
    startsAt: new Date(Math.min(Date.parse(finding.row.FirstSeen), endMs)).toISOString(),
    endsAt: new Date(endMs).toISOString(),
  };
}

/** Our labels as names of annotations: `[a-zA-Z_][a-zA-Z0-9_]*`. */
function annotationName(label: string): string {
  return label.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
}
