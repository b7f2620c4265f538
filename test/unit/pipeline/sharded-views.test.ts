import { describe, expect, test } from 'vitest';
import { healthLimits } from '../../../src/pipeline/health-input.ts';
import { ShardedViews } from '../../../src/pipeline/sharded-views.ts';
import type { ServiceViews, WindowsQuery } from '../../../src/pipeline/views.ts';
import { activity, indicator, minute, noon } from '../../support/engine-bench.ts';
import { heldBy, ShardedRig, type RigReplica } from '../../support/sharded-rig.ts';

const hour = 60 * minute;
const everything: WindowsQuery = {
  caller: null,
  ip: null,
  matched: null,
  corroborated: null,
  candidates: false,
  sort: { key: 'lastSeen', descending: true },
  limit: 1000,
  cursor: null,
};

const named = indicator({ pattern: "[ipv4-addr:value = '198.51.100.0/24']" });
const addressOf = (n: number): string => `198.51.100.${n}`;

function viewsOf({ service }: RigReplica): ShardedViews {
  const limits = healthLimits({ lookback: 24 * hour, flushDelay: 5 * minute, speed: 1 });
  const metrics = (): Promise<{ contentType: string; body: string }> => Promise.resolve({ contentType: '', body: '' });
  return new ShardedViews(service, { version: '0', limits, deadLettersMaxBytes: 1, metrics, leaseMs: 15_000 });
}

/** Replicas that have taken `count` records of as many matched addresses and committed them. */
async function fleet(names: readonly string[], count = 20): Promise<{ rig: ShardedRig; replicas: RigReplica[] }> {
  const rig = new ShardedRig({ startMs: noon + minute, indicators: [named], snapshotIntervalMs: 10_000 });
  const replicas: RigReplica[] = [];
  for (const name of names) replicas.push(await rig.start(name));
  await rig.shared(replicas);
  rig.append(Array.from({ length: count }, (_, n) => activity(noon + n, { address: addressOf(n) })));
  const sent = (): number => replicas.reduce((sum, { sink }) => sum + sink.taken.length, 0);
  await rig.until(() => sent() === count, 'every alert is sent');
  await rig.clock.advance(15_000);
  return { rig, replicas };
}

async function endAll(rig: ShardedRig): Promise<void> {
  for (const replica of rig.replicas) await rig.stop(replica);
}

function ipsOf({ items }: Awaited<ReturnType<ServiceViews['windows']>>): string[] {
  return items.map(({ ip }) => ip);
}

describe('Every replica', () => {
  test('answers /windows for the whole fleet, in one order, and names each shard with its age', async () => {
    const { rig, replicas } = await fleet(['a', 'b']);
    const expected = Array.from({ length: 20 }, (_, n) => addressOf(19 - n));
    for (const replica of replicas) {
      const page = await rig.during(Promise.resolve(viewsOf(replica).views.windows(everything)));
      expect(ipsOf(page)).toEqual(expected);
      const own = page.shards!.filter(({ held }) => held === 'here').map(({ shard }) => shard);
      expect(own).toEqual(heldBy(replica));
      const others = page.shards!.filter(({ held }) => held === 'elsewhere');
      expect(others).toHaveLength(2);
      for (const { ageSeconds, problem, owner } of others) {
        expect(ageSeconds).toBeLessThanOrEqual(15);
        expect(problem).toBeNull();
        expect(owner).toBe(replicas.find((each) => each !== replica)?.name);
      }
    }
    await endAll(rig);
  });
});
