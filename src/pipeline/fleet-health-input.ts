import type { PartitionStatus } from '../core/ports.ts';
import { engineBounds, indicatorBound, routedBound } from './bounds.ts';
import type { FleetMoment } from './fleet-moment.ts';
import type {
  BoundStatus,
  FleetHealth,
  FlushStatus,
  HealthInput,
  HealthLimits,
  SinkStatus,
  SnapshotStatus,
} from './health-input.ts';
import type { HeldShard } from './held-shard.ts';
import { deadLetterStatus, flushStatus } from './service-views.ts';
import type { SilenceStatus } from './silence-health.ts';
import type { ShardedService } from './sharded-service.ts';
import type { Vacancies } from './vacancies.ts';

/** How far off a circuit is from closed. */
const circuits = ['closed', 'open', 'disabled'] as const satisfies readonly SinkStatus['circuit'][];

function merged(a: SinkStatus, b: SinkStatus): SinkStatus {
  const errors = [a.lastError, b.lastError].filter((error) => error !== null).sort((x, y) => y.at - x.at);
  const oldest = [a.oldestMs, b.oldestMs].filter((ms) => ms !== null);
  return {
    name: a.name,
    waiting: a.waiting + b.waiting,
    oldestMs: oldest.length === 0 ? null : Math.min(...oldest),
    lastError: errors[0] ?? null,
    circuit: circuits[Math.max(circuits.indexOf(a.circuit), circuits.indexOf(b.circuit))] ?? 'closed',
    undelivered: a.undelivered + b.undelivered,
  };
}

/** Each sink once, over the outboxes of shards. */
export function mergeSinks(shards: readonly HeldShard[]): SinkStatus[] {
  const sinks = new Map<string, SinkStatus>();
  for (const { status } of shards.flatMap(({ shard }) => shard.deliveries)) {
    const before = sinks.get(status.name);
    sinks.set(status.name, before === undefined ? status : merged(before, status));
  }
  return [...sinks.values()];
}

/** The shard whose flush is furthest behind; of those, one whose last flush was incomplete. */
function worstFlush(shards: readonly HeldShard[], nowMs: number): FlushStatus | null {
  const all = shards.map(({ origin, shard }) => ({ shard: origin.partition, ...flushStatus(shard, nowMs) }));
  all.sort((a, b) => a.overdueFromMs - b.overdueFromMs || Number(a.lastComplete) - Number(b.lastComplete));
  return all[0] ?? null;
}

/** The oldest state that is kept, and why one cannot be kept; null where none is to be kept yet. */
export function oldestSnapshot(shards: readonly HeldShard[]): SnapshotStatus | null {
  const all = shards.map(({ shard }) => shard.durability?.status ?? null).filter((status) => status !== null);
  const taken = all.map(({ takenMs }) => takenMs).filter((ms) => ms !== null);
  const error = all.find((status) => status.error !== null)?.error ?? null;
  if (taken.length === 0 && error === null) return null;
  return { takenMs: taken.length === 0 ? null : Math.min(...taken), error };
}

/** Partitions that this replica has to do with. Which correlation partitions nobody holds is told of their shards. */
export function partitionsOf({ sources, options: { role } }: ShardedService): readonly PartitionStatus[] {
  const source = role === 'correlator' ? [] : (sources?.source.status() ?? []);
  const correlation = role === 'router' ? [] : (sources?.correlation.status() ?? []);
  return [...source, ...correlation.filter(({ owner }) => owner !== null)];
}

export function sourceErrorsOf({ sources, options: { role } }: ShardedService): HealthInput['sourceErrors'] {
  const source = role === 'correlator' ? [] : (sources?.source.errors() ?? []);
  const correlation = role === 'router' ? [] : (sources?.correlation.errors() ?? []);
  return [...source, ...correlation];
}

function boundsOf({ options, catalogue, routing }: ShardedService, shards: readonly HeldShard[]): BoundStatus[] {
  const { settings, role } = options;
  const routed = routedBound(routing?.status.pendingBytes ?? 0, options.routing.pendingBytesMax);
  return [
    ...engineBounds(shards.map(({ shard }) => shard.engine)),
    ...(role === 'router' ? [] : [indicatorBound(catalogue.weight, settings.indicatorsMax)]),
    ...(role === 'correlator' ? [] : [routed]),
  ];
}

function fleetHealth(
  service: ShardedService,
  { shards, stored, nowMs }: FleetMoment,
  { vacancies, leaseMs }: Pick<FleetHealthOptions, 'vacancies' | 'leaseMs'>,
): FleetHealth {
  const { realTime, role } = service.options;
  const refusals = new Map(service.correlator?.shards.map(({ origin, refusal }) => [origin.partition, refusal]));
  return {
    correlates: role !== 'router',
    startError: service.startError,
    sendErrors: service.routing?.status.errors ?? [],
    shards: shards.map(({ shard, owner, held, problem }) => {
      const summary = stored.get(shard)?.summary ?? null;
      return {
        shard,
        owner,
        held,
        vacantMs: vacancies.lasts(shard, realTime.nowMs()),
        summaryAgeMs: summary === null ? null : Math.max(0, nowMs - summary.takenMs),
        problem,
        refusal: refusals.get(shard) ?? null,
      };
    }),
    leaseMs,
  };
}

/** Every shard looks after the same file: one that cannot read it tells of it. */
function silencesOf(shards: readonly HeldShard[], nowMs: number): SilenceStatus {
  const counts = shards.map(({ shard }) => shard.engine.silences.active(nowMs).length);
  const files = shards.map(({ silenceFileStatus }) => silenceFileStatus).filter((status) => status !== null);
  const fileStatus = files.find(({ lastError }) => lastError !== null) ?? files[0] ?? null;
  return { api: 0, file: Math.max(0, ...counts), fileStatus };
}

export interface FleetHealthOptions {
  readonly version: string;
  readonly limits: HealthLimits;
  /** How long a shard may be held by nobody, in true milliseconds. */
  readonly leaseMs: number;
  readonly vacancies: Vacancies;
}

/** Everything that the health of a replica is judged by: sums, or the worst, over the shards that it holds. */
export function fleetHealthInput(
  service: ShardedService,
  fleet: FleetMoment,
  options: FleetHealthOptions,
): HealthInput {
  const { refresh, allowLists, ingest, sources, readingSinceMs, startedMs, correlationHub } = service;
  const nowMs = Math.round(fleet.nowMs);
  const held = [...fleet.held.values()];
  const sizes = held.map(({ shard }) => shard.engine.store.sizes);
  const isRouter = service.options.role === 'router';
  return {
    version: options.version,
    nowMs,
    startedMs,
    restoring: false,
    indexReady: isRouter || refresh.isReady,
    readingSinceMs,
    warming: held.some(({ shard }) => shard.engine.warming),
    partitions: partitionsOf(service),
    sourceErrors: sourceErrorsOf(service),
    feeds: isRouter ? [] : refresh.status,
    allowLists: isRouter ? [] : allowLists.status,
    silences: silencesOf(held, nowMs),
    windows: {
      pinned: sizes.reduce((sum, { pinned }) => sum + pinned, 0),
      candidates: sizes.reduce((sum, { candidates }) => sum + candidates, 0),
    },
    bounds: boundsOf(service, held),
    flush: worstFlush(held, nowMs),
    deadLetters: deadLetterStatus(ingest, sources?.deadLetters ?? null),
    unknownCategories: service.unknownCategories.top(),
    outbox: mergeSinks(held),
    snapshot: oldestSnapshot(held),
    lease: correlationHub === null ? null : { state: 'held', holder: null },
    limits: options.limits,
    fleet: fleetHealth(service, fleet, options),
  };
}
