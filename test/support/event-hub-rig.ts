import { randomUUID } from 'node:crypto';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { vi } from 'vitest';
import type { EventHubStream } from '../../src/adapters/event-hubs/connection.ts';
import { createEventHubSource, type EventHubSourceOptions } from '../../src/adapters/event-hubs/event-hub-source.ts';
import { realTime, systemClock } from '../../src/adapters/system/clock.ts';
import { originKey, type Clock, type EventSource, type Log, type Origin, type Position } from '../../src/core/ports.ts';
import type { Positions, SourceEvent, SourceListener } from '../../src/core/ports.ts';
import { Broker, type BrokerOptions } from '../../src/dev/broker/broker.ts';

export const clock: Clock = systemClock({ speed: 1, originMs: 0 });
export const time = realTime;

/** What a source handed over, and a gate that a test may close to hold its handlers. */
export class RecordingListener implements SourceListener {
  readonly events: { readonly origin: Origin; readonly event: SourceEvent }[] = [];
  readonly caughtUp: { readonly origin: Origin; readonly readStartedMs: number }[] = [];
  readonly known: (readonly Origin[])[] = [];
  running = 0;
  #gate: Promise<void> = Promise.resolve();
  #open: () => void = () => undefined;

  readonly onEvents = async (origin: Origin, events: readonly SourceEvent[]): Promise<void> => {
    this.running += 1;
    await this.#gate;
    this.events.push(...events.map((event) => ({ origin, event })));
    this.running -= 1;
  };

  readonly onCaughtUp = (origin: Origin, readStartedMs: number): void => {
    this.caughtUp.push({ origin, readStartedMs });
  };

  readonly onPartitions = (origins: readonly Origin[]): void => {
    this.known.push(origins);
  };

  /** Handlers wait from now on. */
  hold(): void {
    this.#gate = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  release(): void {
    this.#open();
  }

  bodies(partition?: string): readonly string[] {
    return this.events
      .filter(({ origin }) => partition === undefined || origin.partition === partition)
      .map(({ event }) => Buffer.from(event.body).toString());
  }

  sequence(partition: string): readonly number[] {
    return this.events.filter(({ origin }) => origin.partition === partition).map(({ event }) => event.sequenceNumber);
  }

  /** Positions behind everything that was handed over, but no number beyond `most`. */
  positions(most = Number.POSITIVE_INFINITY): Positions {
    const taken = this.events.filter(({ event }) => event.sequenceNumber <= most);
    return new Map(taken.map(({ origin, event }): [string, Position] => [originKey(origin), positionOf(event)]));
  }

  hasCaughtUp(partition: string): boolean {
    return this.caughtUp.some(({ origin }) => origin.partition === partition);
  }
}

function positionOf({ sequenceNumber, offset, enqueuedMs }: SourceEvent): Position {
  return { sequenceNumber, offset, enqueuedMs };
}

/** What a first start knows: no positions, and that the last hour is wanted. */
export function anew(): [restored: Positions, readFromMs: number] {
  return [new Map(), clock.now() - 3_600_000];
}

/** A log that keeps its lines. */
export class RecordingLog implements Log {
  readonly lines: { readonly level: string; readonly message: string; readonly fields: Record<string, unknown> }[] = [];
  readonly debug = (message: string, fields = {}): void => void this.lines.push({ level: 'debug', message, fields });
  readonly info = (message: string, fields = {}): void => void this.lines.push({ level: 'info', message, fields });
  readonly warn = (message: string, fields = {}): void => void this.lines.push({ level: 'warn', message, fields });
  readonly error = (message: string, fields = {}): void => void this.lines.push({ level: 'error', message, fields });

  of(level: string): readonly string[] {
    return this.lines.filter((line) => line.level === level).map(({ message }) => message);
  }
}

export async function newContainer(connectionString: string): Promise<ContainerClient> {
  const service = BlobServiceClient.fromConnectionString(connectionString, {
    retryOptions: { maxTries: 2, tryTimeoutInMs: 2000, retryDelayInMs: 200, maxRetryDelayInMs: 500 },
  });
  const container = service.getContainerClient(`test-${randomUUID()}`);
  await container.create();
  return container;
}

export function startBroker(options: Partial<BrokerOptions> = {}): Promise<Broker> {
  const hubs = [{ name: 'logs', partitions: 2, consumerGroups: ['tidewatch'] }];
  return Broker.start({ hubs, now: () => clock.now(), ...options });
}

export function streamOf(broker: Broker, name = 'logs', connectionString = broker.connectionString()): EventHubStream {
  return {
    name,
    connection: { connectionString },
    hubOption: 'ACTIVITY_HUB',
    connectionOption: 'EVENTHUB_CONNECTION_STRING',
  };
}

export interface Rig {
  readonly source: EventSource;
  readonly listener: RecordingListener;
  readonly log: RecordingLog;
}

export function createRig(
  options: Pick<EventHubSourceOptions, 'streams' | 'container'> & Partial<EventHubSourceOptions>,
): Rig {
  const log = new RecordingLog();
  const source = createEventHubSource({
    consumerGroup: 'tidewatch',
    identifier: randomUUID(),
    maxClockSkewMs: 0,
    leaseDurationMs: 3000,
    exclusive: false,
    resetOnRecreate: false,
    clock,
    time,
    log,
    ...options,
  });
  return { source, listener: new RecordingListener(), log };
}

/** Waits for a condition; the limit only bounds a failing run. */
export async function until(condition: () => boolean, what: string, limitMs = 60_000): Promise<void> {
  try {
    await vi.waitUntil(condition, { timeout: limitMs, interval: 20 });
  } catch {
    throw new Error(`Waited in vain until ${what}`);
  }
}
