import type { Alert } from '../core/alert/alert.ts';
import type { Incident } from './traffic/incident.ts';

export interface ReplicaFacts {
  readonly url: string;
  readonly logFile: string;
  readonly pid: number;
}

export interface DemoFacts {
  /** One, or those of a fleet. */
  readonly replicas: readonly ReplicaFacts[];
  readonly speed: number;
  readonly stories: readonly Incident[];
}

function story({ name, story: text, expectation }: Incident): string {
  const mark = expectation.quiet ? 'stays quiet' : 'alerts';
  return `  ${name} (${mark})\n    ${text.replaceAll(/(.{1,100})(\s+|$)/g, '$1\n    ').trimEnd()}\n`;
}

/** What a person reads first: the stories, where to look, what to expect. */
export function summary({ replicas, speed, stories }: DemoFacts): string {
  const [{ url, logFile } = { url: '', logFile: '' }] = replicas;
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
${fleet(replicas)}
Alerts (seconds since the start, activity, caller, address, operations, corroboration). Ctrl-C ends everything.
`;
}

/** How to see a fleet share the work. */
function fleet(replicas: readonly ReplicaFacts[]): string {
  if (replicas.length === 1) return '';
  const lines = replicas.map(({ pid, url }) => `  kill -9 ${pid}     ends ${url}\n`);
  return `
${replicas.length} replicas share the work, and each answers for all. End one, and watch the others take its shards over:
${lines.join('')}`;
}

/** A line of the log that says who holds a shard; "" for every other. */
export function shardLine(logged: string, pid: number, seconds: number): string {
  const [, partition = ''] = /"partition":"(\d+)"/.exec(logged) ?? [];
  const [, what = ''] = /"msg":"Shard (held|let go)"/.exec(logged) ?? [];
  return what === '' ? '' : `${timeOf(seconds)}  shard ${partition} ${what} by process ${pid}\n`;
}

export function endLine(pid: number, seconds: number): string {
  return `${timeOf(seconds)}  process ${pid} ended\n`;
}

function timeOf(seconds: number): string {
  return `${seconds.toFixed(1)}s`.padStart(7);
}

/** One alert as one line. */
export function alertLine(alert: Alert, seconds: number): string {
  const { activity, closeReason, caller, ip, row, corroboration, indicators, backfill } = alert;
  const detail = closeReason ?? corroboration.grade;
  const marks = [backfill ? 'backfill' : '', indicators[0]?.actors[0] ?? ''].filter((mark) => mark !== '').join(', ');
  return `${timeOf(seconds)}  ${activity.padEnd(6)}  ${caller.padEnd(38)} ${ip.padEnd(24)} ${String(row.OperationCount).padStart(3)}  ${detail}${marks === '' ? '' : ` (${marks})`}\n`;
}
