import { correlationSenderLaws } from '../../contract/correlation-sender.ts';
import { MemoryCorrelationSender } from '../../support/memory-correlation-sender.ts';
import { MemoryHub } from '../../support/memory-hub.ts';
import { SimulatedClock } from '../../support/simulation/simulated-clock.ts';

correlationSenderLaws('memory', () => {
  const clock = new SimulatedClock({ startMs: Date.UTC(2026, 0, 1) });
  const hub = new MemoryHub({ hub: 'correlation', partitions: 3, clock });
  const sender = new MemoryCorrelationSender(hub);
  return Promise.resolve({
    sender,
    hub: { namespace: 'memory', hub: 'correlation', incarnation: 1, partitions: ['0', '1', '2'] },
    taken: (partition: string) =>
      Promise.resolve(hub.events(partition).map(({ body }) => Buffer.from(body).toString())),
    throttleOnce: () => {
      sender.failNext(1, { code: 'throttled', retryAfterMs: 4000 });
    },
    loseAcknowledgement: () => {
      sender.failNext(1, { applied: true });
    },
    [Symbol.asyncDispose]: () => sender.close(),
  });
});
