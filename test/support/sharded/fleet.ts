import fc from 'fast-check';
import type { Alert } from '../../../src/core/alert/alert.ts';
import type { EngineOptions } from '../../../src/core/engine-options.ts';
import { originKey, type Position } from '../../../src/core/ports.ts';
import { readCorrelationEvent } from '../../../src/core/route/correlation-event.ts';
import type { RouterOptions } from '../../../src/core/route/router.ts';
import { shardOf } from '../../../src/core/route/shard-of.ts';
import { RouterProcess, type CorrelationHub, type SendOutcome } from './router-process.ts';
import { placeOf, ShardProcess, type ShardSetting } from './shard-process.ts';
import { type PlacedObservation, type SourceLogs, sourceOrigins } from './source-logs.ts';

const routerCount = 3;

/** Longer than events linger and heartbeats are apart. */
const longestWaitMs = 1000;

type PartitionStep =
  | { readonly do: 'own' | 'disown'; readonly router: number; readonly partition: number }
  | { readonly do: 'read'; readonly router: number; readonly partition: number; readonly count: number };

type RouterStep =
  | PartitionStep
  | { readonly do: 'send'; readonly router: number; readonly lane: number; readonly outcome: SendOutcome }
  | { readonly do: 'checkpoint' | 'kill'; readonly router: number };

type ShardStep =
  | { readonly do: 'consume'; readonly shard: number; readonly count: number }
  | { readonly do: 'cut' | 'flush'; readonly shard: number }
  | { readonly do: 'restart'; readonly shard: number; readonly again: number };

/** What happens to a fleet. Numbers choose among what there is. */
export type FleetStep =
  | RouterStep
  | ShardStep
  | { readonly do: 'produce'; readonly count: number }
  | { readonly do: 'land'; readonly which: number };

const small = fc.nat({ max: 5 });
const some = fc.integer({ min: 1, max: 4 });
const outcome = fc.oneof(
  { weight: 5, arbitrary: fc.constant<SendOutcome>('acknowledged') },
  { weight: 3, arbitrary: fc.constantFrom<SendOutcome>('refused', 'ambiguous', 'twice', 'delayed') },
);

function step<Do extends FleetStep['do'], Rest extends object>(
  name: Do | readonly Do[],
  rest: { [Key in keyof Rest]: fc.Arbitrary<Rest[Key]> },
): fc.Arbitrary<{ do: Do } & Rest> {
  const names: readonly Do[] = typeof name === 'string' ? [name] : name;
  return fc
    .tuple(fc.constantFrom(...names), fc.record(rest))
    .map(([done, fields]) => ({ do: done, ...(fields as Rest) }));
}

/** A step of a fleet's life: mostly work, now and then what goes wrong. */
export const fleetStep: fc.Arbitrary<FleetStep> = fc.oneof(
  { weight: 5, arbitrary: step('produce', { count: some }) },
  { weight: 5, arbitrary: step('own', { router: small, partition: small }) },
  { weight: 2, arbitrary: step('disown', { router: small, partition: small }) },
  { weight: 12, arbitrary: step('read', { router: small, partition: small, count: some }) },
  { weight: 16, arbitrary: step('send', { router: small, lane: small, outcome }) },
  { weight: 2, arbitrary: step('land', { which: small }) },
  { weight: 5, arbitrary: step('checkpoint', { router: small }) },
  { weight: 1, arbitrary: step('kill', { router: small }) },
  { weight: 8, arbitrary: step('consume', { shard: small, count: some }) },
  { weight: 5, arbitrary: step(['cut', 'flush', 'flush'], { shard: small }) },
  { weight: 2, arbitrary: step('restart', { shard: small, again: fc.nat({ max: 2 }) }) },
);

export interface FleetSetting extends Omit<ShardSetting, 'partition' | 'engine'> {
  readonly engine: EngineOptions;
  readonly shards: number;
  readonly router: Omit<RouterOptions, 'partitions' | 'observation'>;
  readonly lastBoundary: number;
}

/** Routers, a correlation hub, shards, checkpoints, and what must never happen among them. */
export class Fleet implements CorrelationHub {
  readonly shards: readonly ShardProcess[];
  /** What each shard said at each flush, the same however often it ran. */
  readonly said = new Map<string, readonly Alert[]>();
  /** What was seen that must not be. */
  readonly faults: string[] = [];
  /** Every observation there will be, with its shard. */
  readonly placed: readonly (PlacedObservation & { readonly shard: number; readonly place: string })[];
  readonly #setting: FleetSetting;
  readonly #logs: SourceLogs;
  readonly #routers: RouterProcess[];
  readonly #partitions: Uint8Array[][];
  readonly #landed: Set<string>[];
  readonly #delayed: { readonly partition: number; readonly bytes: Uint8Array }[] = [];
  readonly #checkpoints = new Map<string, Position>();

  constructor(setting: FleetSetting, logs: SourceLogs) {
    this.#setting = setting;
    this.#logs = logs;
    const { shards: length, engine } = setting;
    this.#routers = Array.from({ length: routerCount }, () => this.#newRouter());
    this.shards = Array.from({ length }, (_, partition) => new ShardProcess({ ...setting, partition }));
    this.#partitions = Array.from({ length }, () => []);
    this.#landed = Array.from({ length }, () => new Set());
    this.placed = logs.placed(engine.observation).map((each) => ({
      ...each,
      shard: shardOf(each.observation.address, length),
      place: placeOf(each.origin, each.sequenceNumber, each.index),
    }));
  }

  land(partition: number, bytes: Uint8Array): void {
    this.#partitions[partition]?.push(bytes);
    for (const { origin, mark } of readCorrelationEvent(bytes).observations)
      this.#landed[partition]?.add(placeOf(origin, mark.sequenceNumber, mark.index));
  }

  delay(partition: number, bytes: Uint8Array): void {
    this.#delayed.push({ partition, bytes });
  }

  do(step: FleetStep): void {
    if (step.do === 'produce') this.#logs.produce(step.count);
    else if (step.do === 'land') this.#landDelayed(step.which);
    else if ('router' in step) this.#doRouter(step, step.router % routerCount);
    else this.#doShard(step, step.shard % this.shards.length);
  }

  /** Everything is written and read, by a new replica beside those there are; every shard reads on to its end. */
  settle(): void {
    this.#logs.produce(Number.POSITIVE_INFINITY);
    const router = this.#newRouter();
    for (const origin of sourceOrigins) router.own(origin, this.#checkpoints.get(originKey(origin)) ?? null);
    for (let rounds = 0, quiet = 0; quiet < 2; rounds += 1) {
      if (rounds > 10_000) throw new Error('Cannot settle the fleet: routers send without end');
      quiet += 1;
      for (const origin of sourceOrigins) if (router.read(origin, 4)) quiet = 0;
      for (const lane of this.shards.keys()) if (router.send(lane, 'acknowledged', this)) quiet = 0;
      if (quiet > 0) router.pass(longestWaitMs);
    }
    this.#checkpoint(router);
    while (this.#delayed.length > 0) this.#landDelayed(0);
    for (const [at, shard] of this.shards.entries()) {
      while (shard.consume(this.#partitions[at] ?? [], 1)) this.#look(shard, at);
      while (this.#flush(shard, at));
    }
  }

  /** Source positions that a restart would go on from. */
  get checkpoints(): ReadonlyMap<string, Position> {
    return this.#checkpoints;
  }

  #doRouter(step: RouterStep, at: number): void {
    const router = this.#routers[at];
    if (router === undefined) return;
    if ('partition' in step) this.#doPartition(step, router);
    else if (step.do === 'send') router.send(chosen(router.due, step.lane) ?? 0, step.outcome, this);
    else if (step.do === 'checkpoint') this.#checkpoint(router);
    else this.#routers[at] = this.#newRouter();
  }

  #doPartition(step: PartitionStep, router: RouterProcess): void {
    const choice = step.do === 'own' ? sourceOrigins : router.owned;
    const origin = chosen(choice, step.partition);
    if (origin === undefined) return;
    if (step.do === 'read') router.read(origin, step.count);
    else if (step.do === 'own') router.own(origin, this.#checkpoints.get(originKey(origin)) ?? null);
    else router.disown(origin);
  }

  #doShard(step: ShardStep, at: number): void {
    const shard = this.shards[at];
    if (shard === undefined) return;
    if (step.do === 'consume') shard.consume(this.#partitions[at] ?? [], step.count);
    else if (step.do === 'cut') shard.cut();
    else if (step.do === 'restart') shard.restart(step.again);
    else this.#flush(shard, at);
    this.#look(shard, at);
  }

  #newRouter(): RouterProcess {
    const { engine, router, shards: partitions } = this.#setting;
    return new RouterProcess({ ...router, partitions, observation: engine.observation }, this.#logs);
  }

  #landDelayed(which: number): void {
    const [late] = this.#delayed.splice(which % Math.max(1, this.#delayed.length), 1);
    if (late !== undefined) this.land(late.partition, late.bytes);
  }

  /** Writes checkpoints: each observation up to one lies in the log of its shard. */
  #checkpoint(router: RouterProcess): void {
    for (const [origin, position] of router.checkpoints()) {
      this.#checkpoints.set(origin, position);
      for (const each of this.placed)
        if (each.origin === origin && each.sequenceNumber <= position.sequenceNumber)
          if (this.#landed[each.shard]?.has(each.place) !== true) this.faults.push(`checkpoint passed ${each.place}`);
    }
  }

  #flush(shard: ShardProcess, at: number): boolean {
    const flushed = shard.flush(this.#setting.lastBoundary);
    if (flushed === null) return false;
    const key = `${flushed.windowEnd} ${at}`;
    const before = this.said.get(key);
    if (before !== undefined && idsOf(before) !== idsOf(flushed.alerts))
      this.faults.push(`flush ${key} said two things`);
    this.said.set(key, flushed.alerts);
    return true;
  }

  /** A watermark says that what was enqueued by then has come by. */
  #look(shard: ShardProcess, at: number): void {
    for (const each of this.placed) {
      const watermark = shard.engine.watermarks.of(each.origin) ?? Number.NEGATIVE_INFINITY;
      if (each.shard === at && each.enqueuedMs <= watermark && !shard.arrived.has(each.place))
        this.faults.push(`watermark of shard ${at} passed ${each.place}`);
    }
  }
}

function chosen<T>(items: readonly T[], which: number): T | undefined {
  return items[which % Math.max(1, items.length)];
}

function idsOf(alerts: readonly Alert[]): string {
  return alerts
    .filter(({ activity }) => activity !== 'close')
    .map(({ id }) => id)
    .sort()
    .join();
}
