import { yieldTurn } from '../../src/adapters/system/clock.ts';
import type { Alert } from '../../src/core/alert/alert.ts';
import { Engine } from '../../src/core/engine.ts';
import { FeedError } from '../../src/core/feed-error.ts';
import { IndicatorCatalogue } from '../../src/core/intel/catalogue.ts';
import type { SourceSettings } from '../../src/core/intel/indicator-reader.ts';
import type { StixObject } from '../../src/core/intel/stix-object.ts';
import type { AzureRecord } from '../../src/core/record.ts';
import type { FeedUpdate, IndicatorFeed, Lease, Positions } from '../../src/core/ports.ts';
import { Tally } from '../../src/core/tally.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { Durability } from '../../src/pipeline/durability.ts';
import { Refresh } from '../../src/pipeline/refresh.ts';
import { activity, boundary, indicator, minute, noon } from './engine-bench.ts';
import { drain, engineOptions, excludedSet, message, type EngineSetting, usualSetting } from './engine-builder.ts';
import { updateOf } from './feed-updates.ts';
import { memoryCodec } from './memory-codec.ts';
import { MemoryLease, MemoryLeasePlace } from './memory-lease.ts';
import { MemoryLog } from './memory-log.ts';
import { MemoryStateStore } from './memory-state-store.ts';
import { SteppingClock } from './stepping-clock.ts';
import { SteppingRealTime } from './stepping-real-time.ts';

const leaseDurationMs = 15_000;

const settings: SourceSettings = {
  name: 'feed',
  defaultConfidence: null,
  tlp: '',
  maxAgeMs: 365 * 24 * 60 * minute,
  useDstRef: false,
};

/** A feed of a few indicators; remembers the cursors it was asked with. */
export class CountingFeed implements IndicatorFeed {
  readonly name = settings.name;
  readonly cursors: (string | null)[] = [];
  objects: readonly StixObject[] | null = [indicator()];

  poll(cursor: string | null): Promise<FeedUpdate> {
    this.cursors.push(cursor);
    if (this.objects === null) return Promise.reject(new FeedError('unreachable', 'the test ordered it'));
    return Promise.resolve(
      updateOf({ objects: this.objects, cursor: `cursor-${this.cursors.length}`, full: cursor === null }),
    );
  }
}

export interface DurableChanges {
  readonly setting?: Partial<EngineSetting>;
  readonly hopMs?: number;
  /** In place of one that all processes compete for. */
  readonly lease?: Lease;
}

export interface DurableOptions extends DurableChanges {
  readonly store: MemoryStateStore;
  readonly leases: MemoryLeasePlace;
  readonly realTime: SteppingRealTime;
  readonly owner: string;
}

/** One process with an engine, a feed, a lease and a state: what the service wires, without sources and sinks. */
export class DurableProcess {
  readonly store: MemoryStateStore;
  readonly engine: Engine;
  readonly feed = new CountingFeed();
  readonly refresh: Refresh;
  readonly lease: MemoryLease;
  readonly durability: Durability;
  readonly log = new MemoryLog();
  readonly lost: string[] = [];
  readonly committed: Positions[] = [];
  readonly stopping = new AbortController();
  #sequenceNumber = 0;

  constructor({ store, leases, realTime, owner, setting: changes = {}, hopMs = HOUR_MS, lease }: DurableOptions) {
    this.store = store;
    const clock = new SteppingClock(noon + minute);
    const start = { firstBoundary: boundary, warmUntil: null };
    this.engine = new Engine({ ...engineOptions({ ...usualSetting, isDurable: true, ...changes }), hopMs }, start);
    this.refresh = new Refresh({
      feeds: [{ feed: this.feed, settings }],
      catalogue: new IndicatorCatalogue(1000),
      minConfidence: usualSetting.minConfidence,
      excluded: excludedSet(usualSetting.excludedRanges),
      refreshIntervalMs: 900_000,
      clock,
      realTime,
      yieldTurn,
      log: this.log,
      onFailure: () => undefined,
    });
    void this.refresh.join(this.engine);
    this.lease = new MemoryLease(leases, { identifier: owner, durationMs: leaseDurationMs, realTime });
    this.durability = new Durability({
      store,
      lease: lease ?? this.lease,
      owner,
      engine: this.engine,
      intelligence: this.refresh,
      codec: memoryCodec,
      clock,
      realTime,
      yieldTurn,
      snapshotIntervalMs: 60_000,
      log: this.log,
      onCommitted: (positions) => this.committed.push(positions),
      onLost: (reason) => this.lost.push(reason),
    });
  }

  activate(): Promise<boolean> {
    return this.durability.activate(this.stopping.signal);
  }

  /** Asks the feed once. */
  poll(): Promise<FeedError | null> {
    this.engine.watermarks.expect(['hub/0'], noon);
    return this.refresh.poll(this.feed, settings, this.stopping.signal);
  }

  /** Takes a record behind those that the state has. */
  take(record: AzureRecord, enqueuedMs = record.time?.ms ?? noon): void {
    const last = this.engine.state.positions().get('hub/0')?.sequenceNumber ?? 0;
    this.#sequenceNumber = Math.max(this.#sequenceNumber, last) + 1;
    const sequenceNumber = this.#sequenceNumber;
    const decoded = message([{ ...record, index: 0 }]);
    this.engine.take(
      { origin: 'hub/0', sequenceNumber, offset: String(sequenceNumber), enqueuedMs, decoded },
      enqueuedMs,
      new Tally(),
    );
  }

  deliver(): Alert[] {
    return drain(this.engine);
  }

  /** What was logged at a level. */
  said(level: 'info' | 'warn' | 'error'): string[] {
    return this.log.lines.filter((line) => line.level === level).map((line) => line.message);
  }
}

/** A place for state and a lease, and the processes that want both. */
export class DurableWorld {
  readonly place = new MemoryStateStore();
  readonly realTime = new SteppingRealTime();
  readonly leases = new MemoryLeasePlace(this.realTime);

  readonly open = (owner: string, changes: DurableChanges = {}): DurableProcess => {
    const { leases, realTime } = this;
    return new DurableProcess({ ...changes, store: this.place.open(), leases, realTime, owner });
  };

  /** A process that found an address of its feed, committed it, and let go of everything. */
  async ended(): Promise<void> {
    const process = this.open('ended');
    if (!(await process.activate())) throw new Error('Cannot go on as the first process did not become active');
    await process.poll();
    process.take(activity(noon + minute));
    await process.durability.commitLast();
    await process.durability.release();
  }
}
