import path from 'node:path';
import type { ReceivedRecord } from '../../../src/core/record.ts';
import { readBack } from '../e2e/broker-log.ts';
import { boundaryAfter } from '../e2e/flush-rows.ts';
import { formatMs } from '../../../src/core/time.ts';
import type { Evidence, Stretch } from './evidence.ts';
import { describeFault, type Fault } from './fault.ts';
import { Faults } from './faults.ts';
import { Lives } from './lives.ts';
import type { Place } from './schedule.ts';
import { chaosHubs, partitionsPerHub, Sea } from './sea.ts';
import { flushDelayMs } from './setting.ts';
import { Shore } from './shore.ts';
import { StorageProxy } from './storage-proxy.ts';
import { Traffic } from './traffic.ts';
import { changing, Intelligence } from './world-addresses.ts';

export interface ChaosOptions {
  readonly seed: number;
  readonly place: Place;
  /** Whether every flush sends every row. */
  readonly repeats: boolean;
  /** Whether alerts go to every type of sink. */
  readonly everySink?: boolean;
  readonly log: (line: string) => void;
}

/** True time between two messages where Slack is a sink, which takes one message a second. */
const calmPauseMs = 2000;

/** How many addresses of the next changes turn up in the traffic. */
const ahead = 4;

/** A service in a sea in which things go wrong, under traffic, from its first process to its last. */
export class ChaosRun {
  readonly sea: Sea;
  readonly proxy: StorageProxy;
  readonly lives: Lives;
  readonly traffic: Traffic;
  readonly intelligence: Intelligence;
  readonly place: Place;
  readonly damaged: Stretch[] = [];
  readonly shore: Shore | null;
  readonly #options: ChaosOptions;

  private constructor(
    sea: Sea,
    proxy: StorageProxy,
    intelligence: Intelligence,
    options: ChaosOptions,
    shore: Shore | null,
    environment: Readonly<Record<string, string>>,
  ) {
    this.shore = shore;
    this.sea = sea;
    this.proxy = proxy;
    this.intelligence = intelligence;
    this.place = options.place;
    this.#options = options;
    this.lives = new Lives(environment, path.join(sea.folder, 'alerts.jsonl'), shore?.sinks ?? []);
    this.traffic = new Traffic(sea, options.seed, shore === null ? undefined : calmPauseMs);
    proxy.onKill = () => this.lives.kill();
  }

  /** Starts the sea and a service in it, and traffic once it reads. */
  static async start(options: ChaosOptions): Promise<ChaosRun> {
    let intelligence: Intelligence | null = null;
    const sea = await Sea.start((nowMs) => (intelligence = new Intelligence(nowMs)).initial);
    const proxy = await StorageProxy.start(sea.azurite.connectionString);
    // A lease on a blob lasts 15 s at least, one in a folder may be shorter.
    const place =
      options.place === 'blob'
        ? { STATE: 'blob:state/' }
        : { STATE: `file:${path.join(sea.folder, 'state')}`, LEASE_DURATION: '5s' };
    const shore = options.everySink === true ? await Shore.start(sea) : null;
    const run = new ChaosRun(sea, proxy, intelligence!, options, shore, {
      ...sea.environment(proxy.connectionString),
      ...shore?.environment,
      ...place,
      ALERT_REPEAT: options.repeats ? 'every-flush' : 'changed',
    });
    await run.lives.start();
    await run.recovers();
    run.#meetAddresses();
    run.traffic.start();
    return run;
  }

  log(line: string): void {
    this.#options.log(line);
  }

  /** Lets one thing go wrong and waits until the service has got over it. */
  async suffer(fault: Fault): Promise<void> {
    const startedMs = performance.now();
    await new Faults(this).happen(fault);
    await this.recovers();
    this.#meetAddresses();
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    this.log(`${describeFault(fault)}: over after ${seconds} s`);
  }

  /** Waits until the service reads and commits, whatever it takes. */
  async recovers(): Promise<void> {
    await this.#outliving(() => this.lives.recovers(chaosHubs.length * partitionsPerHub));
  }

  /** Frees the lease of a process that was killed, so that nobody waits for its end; the fence does not rest on it. */
  async freeLease(): Promise<void> {
    if (this.place === 'blob') await this.sea.azurite.breakLease();
  }

  /** Ends the traffic, waits for the flush of everything published, stops the service, and hands out what is left. */
  async finish(): Promise<Evidence> {
    await this.traffic.stop();
    let last = boundaryAfter(this.sea.now - flushDelayMs);
    await this.sea.clock.sleepUntil(last + flushDelayMs, new AbortController().signal);
    await this.#outliving(async () => {
      await this.lives.hasFlushed(last);
      await this.lives.goesOn(2);
    });
    if (this.shore !== null) {
      await this.#outliving(() => this.lives.hasDelivered());
      last = Date.parse(this.lives.flushes().at(-1)?.windowEnd ?? formatMs(last));
    }
    const code = await this.lives.service.stop();
    if (code !== 0) throw new Error(`Cannot judge the run as its last stop ended with ${code ?? 'a signal'}`);
    return {
      received: await this.#received(),
      initial: this.intelligence.initial,
      changes: this.intelligence.changes,
      flushes: this.lives.flushes().filter(({ windowEnd }) => windowEnd <= formatMs(last)),
      delivered: this.lives.delivered(),
      expositions: this.lives.all.map(({ metrics }) => metrics),
      repeats: this.#options.repeats,
      damaged: this.damaged,
      arrivals: (await this.shore?.arrivals(this.lives.printed())) ?? new Map(),
    };
  }

  async stop(): Promise<void> {
    await this.traffic.stop();
    for (const { service } of this.lives.all) {
      if (service.process.hasEnded) continue;
      service.process.signal('SIGCONT');
      service.process.signal('SIGKILL');
    }
    await this.shore?.stop();
    await this.proxy.stop();
    await this.sea.stop();
  }

  /** Does something with the service, and starts it again if it ends on the way, as whatever runs it does. */
  async #outliving(work: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        await work();
        return;
      } catch (error) {
        if (!this.lives.service.process.hasEnded) throw error;
        await this.lives.start();
      }
    }
  }

  #received(): Promise<ReceivedRecord[]> {
    return readBack(this.sea.broker.connectionString, chaosHubs);
  }

  /** Lets the addresses of the next changes turn up, and those of old changes no longer. */
  #meetAddresses(): void {
    const done = this.intelligence.changes.length;
    this.traffic.extra = changing.slice(Math.max(0, done - 2), done + ahead);
  }
}
