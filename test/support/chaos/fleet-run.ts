import { setTimeout as pause } from 'node:timers/promises';
import { parseAddress } from '../../../src/core/address.ts';
import type { Alert } from '../../../src/core/alert/alert.ts';
import type { ReceivedRecord } from '../../../src/core/record.ts';
import { shardOf } from '../../../src/core/route/shard-of.ts';
import { formatMs } from '../../../src/core/time.ts';
import { correlationHub } from '../../../src/dev/stack.ts';
import { readBack } from '../e2e/broker-log.ts';
import { boundaryAfter } from '../e2e/flush-rows.ts';
import { counterProblems } from './counter-law.ts';
import type { Evidence } from './evidence.ts';
import { describeFleetFault, FleetFaults, type FleetFault } from './fleet-faults.ts';
import { judge, type Judgement } from './judgement.ts';
import { Replicas } from './replicas.ts';
import { chaosHubs, Sea } from './sea.ts';
import { flushDelayMs } from './setting.ts';
import { StorageProxy } from './storage-proxy.ts';
import { Traffic } from './traffic.ts';
import { changing, Intelligence } from './world-addresses.ts';

export interface FleetOptions {
  readonly seed: number;
  readonly replicas: number;
  readonly shards: number;
  /** Whether every flush sends every row. */
  readonly repeats: boolean;
  readonly log: (line: string) => void;
}

/** How many addresses of the next changes turn up in the traffic. */
const ahead = 4;

/** True time that anything may take before the run is given up. */
const patienceMs = 180_000;

/** A fleet of replicas in a sea in which things go wrong, under traffic. */
export class FleetRun {
  readonly sea: Sea;
  readonly proxy: StorageProxy;
  readonly replicas: Replicas;
  readonly traffic: Traffic;
  readonly intelligence: Intelligence;
  readonly options: FleetOptions;
  /** How long shards were without an owner after theirs had gone, in true seconds, by how it went. */
  readonly gaps: { readonly killed: number[]; readonly left: number[] } = { killed: [], left: [] };

  private constructor(sea: Sea, proxy: StorageProxy, intelligence: Intelligence, options: FleetOptions) {
    this.sea = sea;
    this.proxy = proxy;
    this.intelligence = intelligence;
    this.options = options;
    this.traffic = new Traffic(sea, options.seed);
    const environment = {
      ...sea.environment(proxy.connectionString),
      CORRELATION_HUB: correlationHub,
      ALERT_REPEAT: options.repeats ? 'every-flush' : 'changed',
    };
    this.replicas = new Replicas(environment, sea.folder);
  }

  static async start(options: FleetOptions): Promise<FleetRun> {
    let intelligence: Intelligence | null = null;
    const sea = await Sea.start((nowMs) => (intelligence = new Intelligence(nowMs)).initial, options.shards);
    const proxy = await StorageProxy.start(sea.azurite.connectionString);
    const run = new FleetRun(sea, proxy, intelligence!, options);
    await Promise.all(Array.from({ length: options.replicas }, () => run.replicas.join()));
    await run.recovers();
    run.#meetAddresses();
    run.traffic.start();
    return run;
  }

  get shards(): readonly string[] {
    return Array.from({ length: this.options.shards }, (_, number) => String(number));
  }

  log(line: string): void {
    this.options.log(line);
  }

  /** Lets one thing go wrong and waits until the fleet has got over it. */
  async suffer(fault: FleetFault): Promise<void> {
    const startedMs = performance.now();
    await new FleetFaults(this).happen(fault);
    await this.recovers();
    this.#meetAddresses();
    this.log(`${describeFleetFault(fault)}: over after ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  }

  /** Waits until some living replica holds each shard. */
  recovers(): Promise<void> {
    return this.until('every shard to be held', () => {
      const held = this.replicas.alive.flatMap((replica) => [...replica.held()]);
      return held.length === this.options.shards && new Set(held).size === held.length;
    });
  }

  /** Waits until something holds; says what the replicas say if it never does. */
  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    for (const endMs = performance.now() + patienceMs; performance.now() < endMs;) {
      if (await holds()) return;
      await pause(100);
    }
    const reports = this.replicas.all.map(({ service }, number) => `replica ${number}: ${service.process.report()}`);
    throw new Error([`Cannot go on as ${what} did not come to be`, ...reports].join('\n'));
  }

  /** Ends the traffic, waits for each shard's flush of everything published, stops the fleet, and judges it. */
  async finish(): Promise<Judgement> {
    await this.traffic.stop();
    const last = boundaryAfter(this.sea.now - flushDelayMs);
    await this.sea.clock.sleepUntil(last + flushDelayMs, new AbortController().signal);
    const isLast = formatMs(last);
    await this.until(`the flush at ${isLast} of every shard`, () =>
      this.shards.every((shard) => this.replicas.flushes(shard).some(({ windowEnd }) => windowEnd >= isLast)),
    );
    const living = this.replicas.alive;
    for (const replica of living) replica.metrics = await replica.service.metrics();
    const codes = await Promise.all(living.map(({ service }) => service.stop()));
    const bad = codes.find((code) => code !== 0);
    if (bad !== undefined) throw new Error(`Cannot judge the run as a last stop ended with ${bad ?? 'a signal'}`);
    const received = await readBack(this.sea.broker.connectionString, chaosHubs);
    const judgements = this.shards.map((shard) => this.#judge(shard, received, isLast));
    return {
      problems: [
        ...judgements.flatMap(({ problems }, shard) => problems.map((problem) => `shard ${shard}: ${problem}`)),
        ...counterProblems(
          this.replicas.all.map(({ metrics }) => metrics),
          Number.POSITIVE_INFINITY,
        ),
      ],
      flushes: sum(judgements.map(({ flushes }) => flushes)),
      alerts: sum(judgements.map(({ alerts }) => alerts)),
      rows: {
        told: sum(judgements.map(({ rows }) => rows.told)),
        silent: sum(judgements.map(({ rows }) => rows.silent)),
      },
    };
  }

  async stop(): Promise<void> {
    await this.traffic.stop();
    for (const { service } of this.replicas.alive) {
      service.process.signal('SIGCONT');
      service.process.signal('SIGKILL');
    }
    await this.proxy.stop();
    await this.sea.stop();
  }

  /** Holds what was said of the addresses of one shard against the reference on their records. */
  #judge(shard: string, received: readonly ReceivedRecord[], last: string): Judgement {
    const isHere = (ip: string): boolean => {
      const address = parseAddress(ip);
      return address !== null && String(shardOf(address, this.options.shards)) === shard;
    };
    const { initial, changes } = this.intelligence;
    const evidence: Evidence = {
      received: received.filter(({ record }) => isHere(record.address)),
      initial,
      changes: changes.filter(({ address }) => isHere(address)),
      flushes: this.replicas.flushes(shard).filter(({ windowEnd }) => windowEnd <= last),
      delivered: this.replicas.delivered().filter((line) => isHere((JSON.parse(line) as Alert).ip)),
      expositions: [],
      repeats: this.options.repeats,
      damaged: [],
      arrivals: new Map(),
    };
    return judge(evidence);
  }

  /** Lets the addresses of the next changes turn up, and those of old changes no longer. */
  #meetAddresses(): void {
    const done = this.intelligence.changes.length;
    this.traffic.extra = changing.slice(Math.max(0, done - 2), done + ahead);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
