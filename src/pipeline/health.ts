import { formatMs } from '../core/time.ts';
import { allowListChecks } from './allow-list-health.ts';
import { feedChecks, indicatorCheck } from './feed-health.ts';
import { fleetChecks } from './fleet-health.ts';
import type { HealthInput } from './health-input.ts';
import type { Finding, HealthCheck, HealthReport, HealthStatus, Readiness } from './health-report.ts';
import { silenceCheck } from './silence-health.ts';
import { partitionCheck, readingCheck, sourceErrorCheck } from './source-health.ts';
import {
  boundCheck,
  deadLetterCheck,
  flushCheck,
  leaseCheck,
  snapshotCheck,
  sinkCheck,
  unknownCategoryCheck,
  warmingCheck,
  windowCheck,
} from './state-health.ts';

const severity: Readonly<Record<HealthStatus, number>> = { fail: 0, warn: 1, pass: 2 };

/** What is asked of a process that looks addresses up and judges windows. */
function judgingFindings(input: HealthInput): Record<string, readonly Finding[]> {
  return {
    'feed:age': feedChecks(input),
    'allowList:entries': allowListChecks(input.allowLists),
    'indicators:count': [indicatorCheck(input)],
    'windows:count': [windowCheck(input)],
    'windows:warming': [warmingCheck(input)],
    'flush:last': input.flush === null ? [] : [flushCheck(input.flush, input.nowMs)],
    'silences:active': [silenceCheck(input.silences)],
    'outbox:waiting': input.outbox.map((sink) => sinkCheck(sink)),
    'snapshot:age': input.snapshot === null ? [] : [snapshotCheck(input.snapshot, input)],
  };
}

/** A process that does not own the state yet reads nothing and judges nothing: only what it waits for can fail. */
function findings(input: HealthInput): Record<string, readonly Finding[]> {
  const { fleet } = input;
  const ofFleet = fleet === undefined ? {} : fleetChecks(fleet, input);
  const sourceErrors = input.sourceErrors.map((error) => sourceErrorCheck(error, input));
  if (input.lease === null)
    return { 'source:reading': [readingCheck(input)], 'source:error': sourceErrors, ...ofFleet };
  const lease = [leaseCheck(input.lease)];
  if (input.lease.state === 'standby' || input.restoring) return { 'source:error': sourceErrors, 'lease:state': lease };
  return {
    'source:reading': [readingCheck(input)],
    'source:error': sourceErrors,
    'partition:lag': input.partitions.map((partition) => partitionCheck(partition, input)),
    ...(fleet?.correlates === false ? {} : judgingFindings(input)),
    'bound:used': input.bounds.map((bound) => boundCheck(bound, input.limits)),
    'deadLetters:count': [deadLetterCheck(input)],
    'categories:unknown': [unknownCategoryCheck(input)],
    // Each shard has a lease of its own.
    ...(fleet === undefined ? { 'lease:state': lease } : ofFleet),
  };
}

/**
 * Judges every component. `fail`: no feed has ever loaded, no partition was read for a minute, credentials were refused,
 * a hub or consumer group is missing, a hub was reset, the pinned bound is reached, the lease is lost, a shard is held back, the correlation hub takes nothing
 * for a minute. `warn`: a feed
 * fails or is stale, an allow list that cannot be read, no indicators, lag, warming, a snapshot that is old or cannot be written, dead letters, a bound near, a sink that fails, an
 * incomplete or overdue flush, a shard that nobody holds or that tells nothing of itself. A feed that refuses its credentials while another one serves only warns: the service
 * still does its work.
 */
export function healthReport(input: HealthInput): HealthReport {
  const time = formatMs(input.nowMs);
  const found = Object.entries(findings(input)).filter(([, list]) => list.length > 0);
  const problems = found
    .flatMap(([, list]) => list)
    .filter((finding) => finding.status !== 'pass')
    .sort((a, b) => severity[a.status] - severity[b.status]);
  const notes = problems.map((finding) => finding.output ?? `${finding.componentId} does not pass`);
  const checks = found.map(([key, list]) => [
    key,
    list.map((finding): HealthCheck => ({ componentType: componentType(key), ...finding, time })),
  ]);
  return {
    status: problems[0]?.status ?? 'pass',
    version: '1',
    releaseId: input.version,
    serviceId: 'tidewatch',
    description: 'Tidewatch, threat intelligence match on Azure control-plane callers',
    notes,
    ...(notes.length > 0 ? { output: notes.join('; ') } : {}),
    checks: Object.fromEntries(checks) as Record<string, HealthCheck[]>,
  };
}

function componentType(key: string): HealthCheck['componentType'] {
  return /^(source|partition|snapshot|lease|deadLetters)/.test(key) ? 'datastore' : 'component';
}

/** Whether addresses are looked up: not by a process that stands by or restores, or still waits for its first index. */
export function lookupReadiness(input: Pick<HealthInput, 'restoring' | 'indexReady' | 'lease'>): Readiness {
  if (input.lease?.state === 'standby') return { ready: false, reason: 'Standing by: another process is active' };
  if (input.restoring) return { ready: false, reason: 'State is being restored' };
  if (!input.indexReady) return { ready: false, reason: 'No index yet: the feeds are being loaded' };
  return { ready: true, reason: 'ready' };
}

/** Ready is who looks addresses up in an index that holds something: by an empty one nothing can ever match. */
export function readiness(
  input: Pick<HealthInput, 'restoring' | 'indexReady' | 'lease'> & { readonly indexSize: number },
): Readiness {
  const lookups = lookupReadiness(input);
  if (!lookups.ready || input.indexSize > 0) return lookups;
  return { ready: false, reason: 'The index holds no indicator: nothing can match until a feed brings one' };
}
