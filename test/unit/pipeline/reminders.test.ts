import { expect, test } from 'vitest';
import { Outbox } from '../../../src/core/alert/outbox.ts';
import type { AlertSink, Reminder, SinkDocument } from '../../../src/core/ports.ts';
import { unlimitedBytes } from '../../../src/core/ports.ts';
import { Delivery } from '../../../src/pipeline/deliver.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { anAlert } from '../../support/sample-alert.ts';
import { SteppingClock } from '../../support/stepping-clock.ts';
import { SteppingRealTime } from '../../support/stepping-real-time.ts';

const everyMs = 60_000;

class ForgetfulSink implements AlertSink {
  readonly name = 'forgetful';
  readonly limits = { batchMax: 2, ...unlimitedBytes };
  readonly taken: SinkDocument[][] = [];
  readonly reminder: Reminder = { everyMs, encode: ({ findingKey }, nowMs) => `${findingKey} at ${nowMs}` };

  encode({ id }: { readonly id: string }): string {
    return id;
  }

  deliver(documents: readonly SinkDocument[]): Promise<void> {
    this.taken.push([...documents]);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

test('Delivery reminds a sink of the open findings in batches, but not while an alert waits for its commit', async () => {
  const sink = new ForgetfulSink();
  const realTime = new SteppingRealTime();
  const outbox = new Outbox([sink.name], 10, true);
  const none = (): void => undefined;
  const delivery = new Delivery({
    outbox,
    sink,
    deadLetters: () => null,
    waitingMax: 10,
    openFindings: () => ['a', 'b', 'c'].map((findingKey) => anAlert({ findingKey })),
    clock: new SteppingClock(7),
    realTime,
    random: () => 0,
    log: new MemoryLog(),
    onDelivered: none,
    onSkipped: none,
    onFailed: none,
    onUndelivered: none,
  });
  const ending = new AbortController();
  const running = delivery.run(ending.signal);
  const texts = (): string[][] => sink.taken.map((batch) => batch.map(({ text }) => text));
  outbox.append(anAlert({ id: 'alert' }));
  await realTime.advance(3 * everyMs);
  expect(texts()).toEqual([]);
  outbox.commitUpTo(1);
  await realTime.advance(100);
  const reminders = [['a at 7', 'b at 7'], ['c at 7']];
  expect(texts()).toEqual([['alert'], ...reminders]);
  await realTime.advance(everyMs);
  expect(texts()).toEqual([['alert'], ...reminders, ...reminders]);
  ending.abort();
  await realTime.advance(0);
  await running;
});
