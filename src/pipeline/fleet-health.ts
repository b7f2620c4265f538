import type { SourceError } from '../core/ports.ts';
import { formatMs } from '../core/time.ts';
import type { FleetHealth, HealthInput, ShardHealth } from './health-input.ts';
import type { Finding } from './health-report.ts';

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}

function startCheck(error: SourceError | null): Finding {
  const base = { componentId: 'start', observedValue: error?.code ?? null };
  if (error === null) return { ...base, status: 'pass' };
  return { ...base, status: 'fail', output: `Cannot start: ${error.message}` };
}

/** What the correlation hub does not take waits, and with it all of its router's partitions before long. */
function sendChecks({ sendErrors }: FleetHealth, { nowMs, limits }: HealthInput): Finding[] {
  if (sendErrors.length === 0) return [{ componentId: 'correlation-hub', status: 'pass', observedValue: 0 }];
  return sendErrors.map(({ partition, message, sinceMs }) => {
    const lastsMs = nowMs - sinceMs;
    return {
      componentId: `correlation-hub/${partition}`,
      status: lastsMs > limits.readSilenceMs ? 'fail' : 'warn',
      observedValue: seconds(lastsMs),
      observedUnit: 's',
      output: `Correlation partition ${partition} has taken nothing since ${formatMs(Math.round(sinceMs))}: ${message}`,
    };
  });
}

function shardProblem(shard: ShardHealth, { leaseMs }: FleetHealth, { limits }: HealthInput): string | null {
  const { held, vacantMs, summaryAgeMs, problem } = shard;
  if (held === 'here') return null;
  if (vacantMs !== null) return vacantMs > leaseMs ? `nobody has held it for ${seconds(vacantMs)} s` : null;
  if (problem !== null) return problem;
  if (summaryAgeMs === null || summaryAgeMs <= limits.snapshotAgeMs) return null;
  return `what it tells of itself is ${seconds(summaryAgeMs)} s old`;
}

function shardCheck(shard: ShardHealth, fleet: FleetHealth, input: HealthInput): Finding {
  const { shard: name, owner, held, refusal, summaryAgeMs } = shard;
  const base = {
    componentId: `shard ${name}`,
    observedValue: held,
    details: { owner, summaryAgeSeconds: summaryAgeMs === null ? null : seconds(summaryAgeMs) },
  };
  if (refusal !== null) return { ...base, status: 'fail', output: `Shard ${name}: ${refusal}` };
  const problem = shardProblem(shard, fleet, input);
  return problem === null
    ? { ...base, status: 'pass' }
    : { ...base, status: 'warn', output: `Shard ${name}: ${problem}` };
}

/** What can be wrong with a replica among others, and with the fleet as far as this replica sees it. */
export function fleetChecks(fleet: FleetHealth, input: HealthInput): Record<string, readonly Finding[]> {
  return {
    'start:error': [startCheck(fleet.startError)],
    'routing:send': sendChecks(fleet, input),
    'shard:held': fleet.shards.map((shard) => shardCheck(shard, fleet, input)),
  };
}
