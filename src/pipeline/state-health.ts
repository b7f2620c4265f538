import { formatMs } from '../core/time.ts';
import type { Finding } from './health-report.ts';
import type {
  BoundStatus,
  FlushStatus,
  HealthInput,
  HealthLimits,
  LeaseStatus,
  SinkStatus,
  SnapshotStatus,
} from './health-input.ts';

export function windowCheck({ windows }: HealthInput): Finding {
  return {
    componentId: 'windows',
    status: 'pass',
    observedValue: windows.pinned + windows.candidates,
    observedUnit: 'windows',
    details: { ...windows },
  };
}

export function warmingCheck({ warming }: HealthInput): Finding {
  const base = { componentId: 'windows', observedValue: warming };
  if (!warming) return { ...base, status: 'pass' };
  return { ...base, status: 'warn', output: 'Warming: the windows are being filled by reading LOOKBACK back' };
}

/** A bounded collection: near its limit, or what reaching it has cost. */
export function boundCheck(bound: BoundStatus, limits: HealthLimits): Finding {
  const { option, used, limit, unit, givenUp, failsWhenReached } = bound;
  const share = limit === 0 ? 1 : used / limit;
  const reached = givenUp !== null || (failsWhenReached && used >= limit);
  const base = {
    componentId: option,
    observedValue: used,
    observedUnit: unit,
    details: { used, limit, share: Math.round(share * 1000) / 1000, givenUp },
  };
  if (reached) {
    const cost = givenUp === null ? '' : `: ${givenUp}`;
    const status = failsWhenReached ? 'fail' : 'warn';
    return { ...base, status, output: `Bound ${option} was reached at ${limit} ${unit}${cost}` };
  }
  if (limit > 0 && share >= limits.boundShare) {
    const output = `Bound ${option} is near: ${used} of ${limit} ${unit}`;
    return { ...base, status: 'warn', output };
  }
  return { ...base, status: 'pass' };
}

export function flushCheck(flush: FlushStatus, nowMs: number): Finding {
  const { lastWindowEndMs, lastRanMs, lastComplete, lagging, nextWindowEndMs, overdueFromMs, waitingFor } = flush;
  const last = lastWindowEndMs === null ? null : formatMs(lastWindowEndMs);
  const base = {
    componentId: flush.shard === undefined ? 'flush' : `flush of shard ${flush.shard}`,
    observedValue: last,
    details: {
      lastWindowEnd: last,
      lastRan: lastRanMs === null ? null : formatMs(lastRanMs),
      lastComplete: lastWindowEndMs === null ? null : lastComplete,
      lagging,
      nextWindowEnd: formatMs(nextWindowEndMs),
      waitingFor,
    },
  };
  if (nowMs > overdueFromMs) {
    const output = `Flush ${formatMs(nextWindowEndMs)} is overdue: it waits for ${named(waitingFor)}`;
    return { ...base, status: 'warn', output };
  }
  if (last !== null && !lastComplete) {
    return { ...base, status: 'warn', output: `Flush ${last} ran incomplete: behind were ${named(lagging)}` };
  }
  return { ...base, status: 'pass' };
}

function named(partitions: readonly string[]): string {
  return partitions.length === 0 ? 'no partition' : partitions.join(', ');
}

export function sinkCheck(sink: SinkStatus): Finding {
  const { name, waiting, oldestMs, lastError, circuit, undelivered } = sink;
  const base = {
    componentId: name,
    observedValue: waiting,
    observedUnit: 'alerts',
    details: {
      waiting,
      oldest: oldestMs === null ? null : formatMs(oldestMs),
      lastError: lastError === null ? null : { message: lastError.message, at: formatMs(lastError.at) },
      circuit,
      undelivered,
    },
  };
  const reasons = [
    ...(lastError === null ? [] : [`${waiting} alerts wait: ${lastError.message}`]),
    ...(undelivered === 0 ? [] : [`${undelivered} alerts became dead letters, see GET /dead-letters`]),
  ];
  if (reasons.length === 0) return { ...base, status: 'pass' };
  return { ...base, status: 'warn', output: `Sink ${name}: ${reasons.join('; ')}` };
}

/** Dead letters are news for the lookback; a store that takes none is news until it does. */
export function deadLetterCheck({ deadLetters, nowMs, limits }: HealthInput): Finding {
  const { count, dropped, lastMs, storeError } = deadLetters;
  const base = {
    componentId: 'dead-letters',
    observedValue: count,
    observedUnit: 'records',
    details: { count, dropped, last: lastMs === null ? null : formatMs(lastMs) },
  };
  if (storeError !== null) {
    return {
      ...base,
      status: 'warn',
      output: `Dead letters cannot be stored, so their partitions wait: ${storeError}`,
    };
  }
  if (lastMs === null || nowMs - lastMs > limits.deadLetterMs) return { ...base, status: 'pass' };
  const lost = dropped > 0 ? `, ${dropped} dropped as the store was full` : '';
  return { ...base, status: 'warn', output: `${count} records could not be read, last at ${formatMs(lastMs)}${lost}` };
}

/** Unknown categories are no fault: they are shown, so that a new one is noticed. */
export function unknownCategoryCheck({ unknownCategories }: HealthInput): Finding {
  return {
    componentId: 'categories',
    status: 'pass',
    observedValue: unknownCategories.length,
    observedUnit: 'categories',
    details: { top: unknownCategories },
  };
}

/** A state that cannot be kept is news at once: alerts wait for it. */
export function snapshotCheck({ takenMs, error }: SnapshotStatus, input: HealthInput): Finding {
  const ageMs = input.nowMs - (takenMs ?? input.startedMs);
  const base = {
    componentId: 'snapshot',
    observedValue: Math.round(ageMs / 1000),
    observedUnit: 's',
    details: { taken: takenMs === null ? null : formatMs(takenMs), error },
  };
  const since = takenMs === null ? 'none since start' : `the last is of ${formatMs(takenMs)}`;
  if (error !== null)
    return { ...base, status: 'warn', output: `State cannot be kept, ${since}, alerts wait: ${error}` };
  if (ageMs <= input.limits.snapshotAgeMs) return { ...base, status: 'pass' };
  return { ...base, status: 'warn', output: `The snapshot is old: ${since}` };
}

export function leaseCheck({ state, holder }: LeaseStatus): Finding {
  const base = { componentId: 'lease', observedValue: state, details: { holder } };
  if (state === 'held') return { ...base, status: 'pass' };
  if (state === 'standby') {
    const output = holder === null ? 'Standing by' : `Standing by: ${holder} is active`;
    return { ...base, status: 'pass', output };
  }
  return { ...base, status: 'fail', output: 'The lease is lost: another process owns the state, this one ends' };
}
