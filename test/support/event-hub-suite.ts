import type { ContainerClient } from '@azure/storage-blob';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { PartitionStatus } from '../../src/core/ports.ts';
import { startAzurite, type Azurite } from '../../src/dev/azurite.ts';
import type { Broker, BrokerOptions } from '../../src/dev/broker/broker.ts';
import { anew, clock, createRig, newContainer, startBroker, streamOf, until, type Rig } from './event-hub-rig.ts';

/** A broker and a container of its own for each test of the file, and sources on them. */
export class EventHubSuite {
  #azurite: Azurite | null = null;
  #container: ContainerClient | null = null;
  #broker: Broker | null = null;
  #rigs: Rig[] = [];

  constructor() {
    beforeAll(async () => {
      this.#azurite = await startAzurite();
    });
    afterAll(() => this.#azurite?.stop());
    beforeEach(async () => {
      this.#container = await newContainer(this.#azurite?.connectionString ?? '');
      this.#broker = await startBroker();
    });
    afterEach(async () => {
      await Promise.all(this.#rigs.map(({ source }) => source.stop(3000)));
      this.#rigs = [];
      await this.#broker?.close();
    });
  }

  get broker(): Broker {
    if (this.#broker === null) throw new Error('Cannot use the broker outside a test');
    return this.#broker;
  }

  get container(): ContainerClient {
    if (this.#container === null) throw new Error('Cannot use the container outside a test');
    return this.#container;
  }

  /** Puts another broker in place of the usual one, on the same port. */
  async restart(hubs: BrokerOptions['hubs']): Promise<void> {
    const { port } = this.broker;
    await this.broker.close();
    this.#broker = await startBroker({ hubs, port });
  }

  /** A source on the usual hub, not started. */
  rig(options: Partial<Parameters<typeof createRig>[0]> = {}): Rig {
    const rig = createRig({ streams: [streamOf(this.broker)], container: this.container, ...options });
    this.#rigs.push(rig);
    return rig;
  }

  /** A source that has caught up with the usual hub. */
  async reading(options: Parameters<EventHubSuite['rig']>[0] = {}): Promise<Rig> {
    const rig = this.rig(options);
    await rig.source.start(rig.listener, ...anew());
    await until(() => rig.listener.hasCaughtUp('0') && rig.listener.hasCaughtUp('1'), 'both are caught up');
    return rig;
  }

  /** The number in a checkpoint blob, null when there is none. */
  async checkpointOf(partition: string): Promise<number | null> {
    const blob = this.container.getBlobClient(`127.0.0.1/logs/tidewatch/checkpoint/${partition}`);
    if (!(await blob.exists())) return null;
    return Number((await blob.getProperties()).metadata?.['sequencenumber']);
  }

  /** Appends events whose bodies are "partition-number". */
  append(partition: string, count: number, from = 0, ageMs = 0): void {
    for (let index = from; index < from + count; index++) {
      this.broker.hub('logs').append(partition, `${partition}-${index}`, { enqueuedMs: clock.now() - ageMs });
    }
  }
}

export function bodies(partition: string, count: number, from = 0): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${partition}-${from + index}`);
}

export function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

export function statusOf({ source }: Rig, partition: string): PartitionStatus | undefined {
  return source.status().find(({ origin }) => origin.partition === partition);
}
