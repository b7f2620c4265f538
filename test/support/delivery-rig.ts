import { Outbox } from '../../src/core/alert/outbox.ts';
import type { AlertSink, RealTime } from '../../src/core/ports.ts';
import { realTime } from '../../src/adapters/system/clock.ts';
import { Delivery } from '../../src/pipeline/deliver.ts';
import { MemoryLog } from './memory-log.ts';
import { anAlert } from './sample-alert.ts';
import { MemoryDeadLetterStore } from './simulation/memory-dead-letter-store.ts';
import { SteppingClock } from './stepping-clock.ts';

/** True time in which pauses are short: so that a delivery that backs off does not make a test wait. */
const hurried: RealTime = {
  nowMs: () => realTime.nowMs(),
  delay: (ms, signal) => realTime.delay(Math.min(ms, 20), signal),
};

export interface DeliveryRig {
  readonly outbox: Outbox;
  readonly letters: MemoryDeadLetterStore;
  /** One entry a delivery that failed and is tried again. */
  readonly failures: readonly string[];
  /** Emits so many alerts more. */
  readonly emit: (count: number) => void;
  /** Runs the loop until nothing waits. */
  readonly drain: () => Promise<void>;
}

/** The delivery loop on a sink, with alerts of three findings, and dead letters that are kept. */
export function deliveryRig(sink: AlertSink): DeliveryRig {
  const outbox = new Outbox([sink.name], 1000, false);
  const letters = new MemoryDeadLetterStore(() => false);
  const failures: string[] = [];
  const delivery = new Delivery({
    outbox,
    sink,
    deadLetters: () => letters,
    waitingMax: 10_000,
    openFindings: () => [],
    clock: new SteppingClock(Date.UTC(2026, 2, 1, 12)),
    realTime: hurried,
    random: () => 0,
    log: new MemoryLog(),
    onDelivered: () => undefined,
    onSkipped: () => undefined,
    onFailed: (name) => failures.push(name),
    onUndelivered: () => undefined,
  });
  /** Alerts named finding-number, one finding after the other. */
  const emit = (count: number): void => {
    for (let at = 0; at < count; at += 1) {
      const findingKey = `finding${outbox.last % 3}`;
      outbox.append(anAlert({ id: `${findingKey}-${String(outbox.last).padStart(4, '0')}`, findingKey }));
    }
  };
  const drain = async (): Promise<void> => {
    const ending = new AbortController();
    const running = delivery.run(ending.signal);
    while (outbox.waitingCount(sink.name) > 0) await realTime.delay(5);
    ending.abort();
    await running;
  };
  return { outbox, letters, failures, emit, drain };
}

/** Ids by finding, each once, in the order of their first arrival. */
export function byFinding(ids: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const groups = Map.groupBy([...new Set(ids)], (id) => id.split('-')[0] ?? '');
  return Object.fromEntries([...groups].sort(([first], [second]) => first.localeCompare(second)));
}

/** What byFinding() tells when alerts 0 to count - 1 came, in order. */
export function inOrder(count: number): Readonly<Record<string, readonly string[]>> {
  return byFinding(Array.from({ length: count }, (_, at) => `finding${at % 3}-${String(at).padStart(4, '0')}`));
}
