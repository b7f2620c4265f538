import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import type { StixObject } from '../../../src/core/intel/stix-object.ts';
import type { Clock } from '../../../src/core/ports.ts';
import { correlationHub, hubNames } from '../../../src/dev/stack.ts';
import { TaxiiServer } from '../../../src/dev/taxii-server/server.ts';
import { closedPort } from '../e2e/endpoints.ts';
import { feedName } from '../e2e/flush-rows.ts';
import { BrokerProcess } from './broker-process.ts';
import { DurableAzurite } from './durable-azurite.ts';
import { serviceSettings, speed } from './setting.ts';
import { alertsHub } from './shore.ts';

export const chaosHubs = [hubNames.activity, hubNames.signIn, hubNames.servicePrincipal];
export const partitionsPerHub = 2;

const collectionId = 'indicators';

/** What a service swims in: broker, storage and feed on one fast clock, each of which can fail by itself. */
export class Sea {
  readonly clock: Clock;
  readonly folder: string;
  readonly broker: BrokerProcess;
  readonly azurite: DurableAzurite;
  readonly #taxii: TaxiiServer;
  readonly #originMs: number;

  private constructor(parts: {
    readonly clock: Clock;
    readonly folder: string;
    readonly originMs: number;
    readonly broker: BrokerProcess;
    readonly azurite: DurableAzurite;
    readonly taxii: TaxiiServer;
  }) {
    this.clock = parts.clock;
    this.folder = parts.folder;
    this.#originMs = parts.originMs;
    this.broker = parts.broker;
    this.azurite = parts.azurite;
    this.#taxii = parts.taxii;
  }

  /** With shards, a correlation hub of as many partitions is there too. */
  static async start(indicators: (nowMs: number) => readonly StixObject[], shards = 0): Promise<Sea> {
    const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-chaos-'));
    const originMs = Math.floor(Date.now() / 1000) * 1000;
    const clock = systemClock({ speed, originMs });
    const now = (): number => Math.round(clock.now());
    const hubs = [
      ...[...chaosHubs, alertsHub].map((name) => ({
        name,
        partitions: partitionsPerHub,
        consumerGroups: ['tidewatch'],
      })),
      ...(shards === 0 ? [] : [{ name: correlationHub, partitions: shards, consumerGroups: ['tidewatch'] }]),
    ];
    const ports = { port: await closedPort(), controlPort: await closedPort() };
    const [broker, azurite, taxii] = await Promise.all([
      BrokerProcess.start({ hubs, folder: path.join(folder, 'hubs'), ...ports, speed, originMs }),
      DurableAzurite.start(path.join(folder, 'blobs')),
      TaxiiServer.start({
        now,
        collections: [{ id: collectionId, title: 'Indicators', objects: indicators(now()) }],
        pageSize: 500,
      }),
    ]);
    return new Sea({ clock, folder, originMs, broker, azurite, taxii });
  }

  get now(): number {
    return Math.round(this.clock.now());
  }

  /** What a service needs to reach it; the storage by way of whatever stands before it. */
  environment(storageConnectionString: string): Readonly<Record<string, string>> {
    const feed = { type: 'taxii', name: feedName, url: this.#taxii.discoveryUrl, collection: collectionId };
    return {
      ...serviceSettings,
      EVENTHUB_CONNECTION_STRING: this.broker.connectionString,
      STORAGE_CONNECTION_STRING: storageConnectionString,
      TI_FEEDS: JSON.stringify([feed]),
      SPEED: String(speed),
      SPEED_ORIGIN: new Date(this.#originMs).toISOString(),
    };
  }

  /** Adds versions of indicators to the feed. */
  publishIndicators(objects: readonly StixObject[]): void {
    this.#taxii.collection(collectionId).add(objects);
  }

  /** Makes the feed answer its next requests with an error. */
  failFeed(status: number, times: number): void {
    this.#taxii.faults.add({ kind: 'status', status, times });
  }

  async stop(): Promise<void> {
    await Promise.all([this.broker.stop(), this.azurite.stop(), this.#taxii.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
