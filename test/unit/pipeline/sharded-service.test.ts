import { expect, test } from 'vitest';
import { activity, indicator, minute, noon } from '../../support/engine-bench.ts';
import { heldBy, ShardedRig } from '../../support/sharded-rig.ts';

/** Records of `count` addresses, which the indicator below names. */
function records(count: number, atMs: number): ReturnType<typeof activity>[] {
  return Array.from({ length: count }, (_, n) => activity(atMs, { address: `198.51.100.${n}` }));
}

const named = indicator({ pattern: "[ipv4-addr:value = '198.51.100.0/24']" });

test('Replicas share the shards, and what one lets go of the other takes with its state', async () => {
  const rig = new ShardedRig({ startMs: noon + minute, indicators: [named] });
  const a = await rig.start('a');
  const b = await rig.start('b');
  await rig.shared([a, b]);
  rig.append(records(20, noon));
  await rig.until(() => a.sink.taken.length + b.sink.taken.length === 20, 'every alert is sent');
  await rig.stop(a);
  await rig.shared([b]);
  const callers = b.service.correlator!.shards.map(({ shard }) => shard.engine.store.sizes.pinned);
  expect(callers.reduce((sum, count) => sum + count, 0)).toBe(20);
  expect(heldBy(b)).toEqual(['0', '1', '2', '3']);
  await rig.stop(b);
});
