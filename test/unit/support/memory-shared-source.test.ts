import { Random } from '../../../src/dev/traffic/random.ts';
import { sharedSourceLaws } from '../../contract/shared-source.ts';
import { MemoryHub } from '../../support/memory-hub.ts';
import { MemorySharedSource } from '../../support/memory-shared-source.ts';
import { SimulatedClock } from '../../support/simulation/simulated-clock.ts';

const [expiryMs, cycleMs] = [9000, 2000];
let seed = 0;

sharedSourceLaws('memory', () => {
  const clock = new SimulatedClock({ startMs: Date.UTC(2026, 0, 1) });
  const hub = new MemoryHub({ hub: 'correlation', partitions: 4, clock });
  const random = new Random(`shared source ${(seed += 1)}`);
  return Promise.resolve({
    partitions: hub.partitions,
    realTime: clock,
    expiryMs,
    cycleMs,
    open: (identifier: string) => {
      const source = new MemorySharedSource({
        hubs: [hub],
        identifier,
        clock,
        time: clock,
        random,
        expiryMs,
        cycleMs,
        lookMs: 300,
        batchMax: 3,
        releaseMs: 10_000,
        redelivery: 0.1,
      });
      // A stop waits for time, which passes only here.
      const stop = async (): Promise<void> => {
        const stopping = source.stop();
        await clock.advance(10_000);
        await stopping;
      };
      return {
        source,
        stop,
        suspend: () => {
          source.suspend();
          return Promise.resolve();
        },
        resume: () => {
          source.resume();
          return Promise.resolve();
        },
      };
    },
    append: (partition: string, count: number) => {
      for (let each = 0; each < count; each++) hub.append(partition, Buffer.from(`${partition}-${each}`));
    },
    until: async (holds: () => boolean, what: string) => {
      for (let step = 0; step < 10_000 && !holds(); step++) await clock.advance(50);
      if (!holds()) throw new Error(`Waited in vain until ${what}`);
    },
    checkpointOf: (partition: string) => Promise.resolve(hub.checkpointOf(partition)?.sequenceNumber ?? null),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});
