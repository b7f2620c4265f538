import type { Alert } from '../core/alert/alert.ts';
import type { Incident } from './traffic/incident.ts';

export interface DemoFacts {
  readonly url: string;
  readonly logFile: string;
  readonly speed: number;
  readonly stories: readonly Incident[];
}

function story({ name, story: text, expectation }: Incident): string {
  const mark = expectation.quiet ? 'stays quiet' : 'alerts';
  return `  ${name} (${mark})\n    ${text.replaceAll(/(.{1,100})(\s+|$)/g, '$1\n    ').trimEnd()}\n`;
}

/** What a person reads first: the stories, where to look, what to expect. */
export function summary({ url, logFile, speed, stories }: DemoFacts): string {
  return `
Tidewatch is reading a local Event Hubs namespace; one hour passes in ${Math.round(3600 / speed)} seconds.

What happens in the traffic:
${stories.map(story).join('')}
Where to look:
  ${url}/windows     windows that threat intelligence matches
  ${url}/alerts      the alerts, newest first
  ${url}/flushes     the hourly flushes
  ${url}/health      every component, with reasons
  ${url}/metrics     Prometheus
  ${logFile}     log of the service

Alerts (seconds since the start, activity, caller, address, operations, corroboration). Ctrl-C ends everything.
`;
}

/** One alert as one line. */
export function alertLine(alert: Alert, seconds: number): string {
  const { activity, closeReason, caller, ip, row, corroboration, indicators, backfill } = alert;
  const detail = closeReason ?? corroboration.grade;
  const marks = [backfill ? 'backfill' : '', indicators[0]?.actors[0] ?? ''].filter((mark) => mark !== '').join(', ');
  const time = `${seconds.toFixed(1)}s`.padStart(7);
  return `${time}  ${activity.padEnd(6)}  ${caller.padEnd(38)} ${ip.padEnd(24)} ${String(row.OperationCount).padStart(3)}  ${detail}${marks === '' ? '' : ` (${marks})`}\n`;
}
