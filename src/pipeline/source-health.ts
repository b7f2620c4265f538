import type { PartitionStatus, SourceError } from '../core/ports.ts';
import type { SourceErrorCode } from '../core/source-error-code.ts';
import { formatMs } from '../core/time.ts';
import type { Finding, HealthStatus } from './health-report.ts';
import type { HealthInput } from './health-input.ts';

/** What an error of a source means. What heals by itself only warns: when it lasts, the silence fails. */
const statusOf: Readonly<Record<SourceErrorCode, HealthStatus>> = {
  unauthorized: 'fail',
  storage_unauthorized: 'fail',
  hub_not_found: 'fail',
  consumer_group_not_found: 'fail',
  hub_reset: 'fail',
  correlation_changed: 'fail',
  events_lost: 'warn',
  position_invalid: 'warn',
  storage_unavailable: 'warn',
  unreachable: 'warn',
  unknown: 'warn',
};

/** An error that reading outlived is over. Reading says nothing of the storage account. */
function isOver(error: SourceError, lastReadMs: number | null): boolean {
  if (error.code === 'storage_unauthorized' || error.code === 'storage_unavailable') return false;
  return lastReadMs !== null && lastReadMs > error.at;
}

function latest(times: readonly (number | null)[]): number | null {
  return times.reduce((newest, time) => (time !== null && (newest === null || time > newest) ? time : newest), null);
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}

/** Whether anything is read at all. */
export function readingCheck(input: HealthInput): Finding {
  const { partitions, nowMs, startedMs, readingSinceMs, limits } = input;
  const owned = partitions.filter((partition) => partition.owned);
  const base = {
    componentId: 'event-hubs',
    observedValue: owned.length,
    observedUnit: 'partitions',
    details: { partitions: partitions.length, owned: owned.length },
  };
  if (readingSinceMs === null && input.lease !== null && !input.indexReady) {
    return { ...base, status: 'warn', output: 'Reading has not begun: it waits for the indicators' };
  }
  if (readingSinceMs === null && nowMs - startedMs < limits.readSilenceMs) {
    return { ...base, status: 'warn', output: 'Reading has not begun: it waits for the storage' };
  }
  const elsewhere = partitions.length > 0 && owned.length === 0 && partitions.every(({ owner }) => owner !== null);
  if (elsewhere) {
    return { ...base, status: 'warn', output: 'This process stands by: every partition is read by another one' };
  }
  const lastRead = latest(owned.map((partition) => partition.lastReadMs));
  const begunMs = readingSinceMs ?? startedMs;
  const silentMs = nowMs - Math.max(lastRead ?? begunMs, begunMs);
  if (silentMs < limits.readSilenceMs) return { ...base, status: 'pass' };
  const begun = readingSinceMs === null ? 'since start' : 'since reading began';
  const since = lastRead === null ? begun : `since ${formatMs(lastRead)}`;
  const causes = input.sourceErrors.map(({ hub, message }) => (hub === '' ? message : `${hub}: ${message}`));
  const output = [`No partition has been read for ${seconds(silentMs)} s, ${since}`, ...causes].join(': ');
  return { ...base, status: 'fail', output };
}

/** An error that belongs to a hub as a whole, or, without a hub, to the storage account. */
export function sourceErrorCheck(error: SourceError & { readonly hub: string }, input: HealthInput): Finding {
  const partitions = input.partitions.filter(({ origin }) => origin.hub === error.hub);
  const lastRead = latest(partitions.map((partition) => partition.lastReadMs));
  const name = error.hub === '' ? 'storage' : error.hub;
  const base = { componentId: name, details: { code: error.code, at: formatMs(error.at) } };
  if (isOver(error, lastRead)) return { ...base, status: 'pass', output: `Over: ${error.message}` };
  return { ...base, status: statusOf[error.code], output: `${name}: ${error.message}` };
}

function partitionProblem(
  partition: PartitionStatus,
  input: HealthInput,
): { status: HealthStatus; text: string } | null {
  const { nowMs, readingSinceMs, limits } = input;
  const { error, lagSeconds, lastReadMs, seesSinceMs } = partition;
  // What was lost is missing until it would have left the window.
  const isPast = error?.code === 'events_lost' && seesSinceMs !== null && nowMs - limits.lookbackMs >= seesSinceMs;
  if (error !== null && !isPast && !isOver(error, lastReadMs))
    return { status: statusOf[error.code], text: error.message };
  if (readingSinceMs === null) return null;
  const silentMs = nowMs - Math.max(lastReadMs ?? readingSinceMs, readingSinceMs);
  if (partition.owned && silentMs >= limits.readSilenceMs) {
    return { status: 'warn', text: `not read for ${seconds(silentMs)} s` };
  }
  if (partition.owner === null && nowMs - readingSinceMs >= limits.readSilenceMs) {
    return { status: 'warn', text: 'nobody reads it' };
  }
  if (lagSeconds !== null && lagSeconds * 1000 > limits.lagMs) {
    return { status: 'warn', text: `${lagSeconds} s behind, ${partition.lagEvents ?? 'an unknown number of'} events` };
  }
  if (seesSinceMs !== null && nowMs - limits.lookbackMs < seesSinceMs) {
    return { status: 'warn', text: `sees only since ${formatMs(seesSinceMs)}: the hub keeps less than the lookback` };
  }
  return null;
}

/** One partition: who reads it, how far behind, when it last moved. */
export function partitionCheck(partition: PartitionStatus, input: HealthInput): Finding {
  const { origin, owner, owned, position, lagEvents, lagSeconds, lastProgressMs, lastReadMs, seesSinceMs } = partition;
  const name = `${origin.hub}/${origin.partition}`;
  const problem = partitionProblem(partition, input);
  return {
    componentId: name,
    status: problem?.status ?? 'pass',
    observedValue: lagSeconds,
    observedUnit: 's',
    ...(problem === null ? {} : { output: `Partition ${name}: ${problem.text}` }),
    details: {
      namespace: origin.namespace,
      owner,
      owned,
      lagEvents,
      lagSeconds,
      sequenceNumber: position?.sequenceNumber ?? null,
      lastProgress: optional(lastProgressMs),
      lastRead: optional(lastReadMs),
      seesSince: optional(seesSinceMs),
    },
  };
}

function optional(ms: number | null): string | null {
  return ms === null ? null : formatMs(ms);
}
