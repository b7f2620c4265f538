import type { Address } from '../core/address.ts';
import type { PartitionStatus } from '../core/ports.ts';
import { shardOf } from '../core/route/shard-of.ts';
import { formatMs } from '../core/time.ts';
import type { Fleet, StoredShard } from './fleet.ts';
import type { HeldShard } from './held-shard.ts';
import type { ShardedService } from './sharded-service.ts';
import type { ShardView } from './views.ts';

/** The whole fleet as a replica sees it at one moment: its own shards as they are, the others as they last told. */
export interface FleetMoment {
  readonly nowMs: number;
  /** Ids of the shards, in the order that addresses are routed by. */
  readonly partitions: readonly string[];
  /** Shards that are held here and restored. */
  readonly held: ReadonlyMap<string, HeldShard>;
  /** The others. */
  readonly stored: ReadonlyMap<string, StoredShard>;
  readonly shards: readonly ShardView[];
}

/** The shards that a replica holds and has restored, by id. */
export function heldShards({ correlator }: ShardedService): ReadonlyMap<string, HeldShard> {
  const restored = correlator?.shards.filter(({ shard }) => shard.durability?.standing === 'active') ?? [];
  return new Map(restored.map((each) => [each.origin.partition, each]));
}

/** Who holds a shard, by what the client of the correlation hub knows of its partition. */
export function holdingOf(
  status: Pick<PartitionStatus, 'owner' | 'owned'> | undefined,
  replica: string,
): ShardView['held'] {
  if (status === undefined) return 'unknown';
  if (status.owned || status.owner === replica) return 'here';
  return status.owner === null ? 'nobody' : 'elsewhere';
}

/** What is known of the partitions of the correlation hub, by id. */
export function correlationStatus({ sources }: ShardedService): ReadonlyMap<string, PartitionStatus> {
  return new Map((sources?.correlation.status() ?? []).map((status) => [status.origin.partition, status]));
}

/** Reads what shards that are held elsewhere told last, then looks at what is held here. `maxAgeMs` as in Fleet. */
export async function fleetMoment(service: ShardedService, fleet: Fleet, maxAgeMs?: number): Promise<FleetMoment> {
  const partitions = service.correlationHub?.partitions ?? [];
  const before = heldShards(service);
  const elsewhere = partitions.filter((partition) => !before.has(partition));
  const read = await fleet.read(elsewhere, maxAgeMs);
  const held = heldShards(service);
  // Let go while the others were read.
  const lost = [...before.keys()].filter((partition) => !held.has(partition));
  const stored = lost.length === 0 ? read : new Map([...read, ...(await fleet.read(lost, maxAgeMs))]);
  return momentOf(service, partitions, stored);
}

/** The present half of fleetMoment(), in one turn. */
function momentOf(
  service: ShardedService,
  partitions: readonly string[],
  read: ReadonlyMap<string, StoredShard>,
): FleetMoment {
  const nowMs = service.options.clock.now();
  const held = heldShards(service);
  const status = correlationStatus(service);
  const stored = new Map([...read].filter(([partition]) => !held.has(partition)));
  const shards = partitions.map((shard): ShardView => {
    const own = held.get(shard);
    const { owner } = service.options;
    if (own !== undefined) {
      const now = { asOf: formatMs(Math.round(nowMs)), ageSeconds: 0, leftOut: 0 };
      return { shard, owner, held: 'here', ...now, problem: own.refusal };
    }
    const known = stored.get(shard) ?? { owner: null, summary: null, problem: 'it was let go just now' };
    const { summary } = known;
    const at = status.get(shard);
    return {
      shard,
      owner: at?.owner ?? known.owner,
      held: holdingOf(at, owner),
      asOf: summary === null ? null : formatMs(summary.takenMs),
      ageSeconds: summary === null ? null : Math.max(0, Math.round((nowMs - summary.takenMs) / 1000)),
      leftOut: summary?.leftOut ?? 0,
      problem: known.problem,
    };
  });
  return { nowMs, partitions, held, stored, shards };
}

/** The shard of an address; null before the correlation hub is known. */
export function shardAt({ partitions }: FleetMoment, address: Address): string | null {
  return partitions[shardOf(address, partitions.length)] ?? null;
}
