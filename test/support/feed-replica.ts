import { updateOf } from './feed-updates.ts';
import { yieldTurn } from '../../src/adapters/system/clock.ts';
import { RangeSet } from '../../src/core/address-range.ts';
import type { Engine } from '../../src/core/engine.ts';
import { FeedError } from '../../src/core/feed-error.ts';
import { IndicatorCatalogue } from '../../src/core/intel/catalogue.ts';
import type { IndicatorIndex } from '../../src/core/intel/address-index.ts';
import type { SourceSettings } from '../../src/core/intel/indicator-reader.ts';
import type { IndexVersion } from '../../src/core/intel/index-version.ts';
import type { StixObject } from '../../src/core/intel/stix-object.ts';
import type { Clock, FeedUpdate, IndicatorFeed, RealTime } from '../../src/core/ports.ts';
import { FeedShare } from '../../src/pipeline/feed-share.ts';
import { decodeHead, type Head } from '../../src/pipeline/manifest.ts';
import { Refresh } from '../../src/pipeline/refresh.ts';
import { indicator, minute, noon } from './engine-bench.ts';
import { memoryCodec } from './memory-codec.ts';
import { MemoryLease, MemoryLeasePlace } from './memory-lease.ts';
import { MemoryLog } from './memory-log.ts';
import { MemoryStateStore } from './memory-state-store.ts';
import { SteppingRealTime } from './stepping-real-time.ts';

const minConfidence = 75;

/** A feed as its server holds it: a poll brings what was added after the cursor, which is a count of objects. */
export class ServedFeed {
  readonly name: string;
  readonly objects: StixObject[] = [];
  /** Who polled, and with which cursor. */
  readonly polls: { readonly owner: string; readonly cursor: string | null }[] = [];
  isDown = false;

  constructor(name: string) {
    this.name = name;
  }

  get settings(): SourceSettings {
    return { name: this.name, defaultConfidence: null, tlp: '', maxAgeMs: 365 * 24 * 60 * minute, useDstRef: false };
  }

  /** Adds a version of one of a few indicators. */
  add(): void {
    const at = this.objects.length;
    this.objects.push(
      indicator({
        id: `indicator--${this.name}-${at % 5}`,
        modified: new Date(Date.UTC(2026, 0, 1) + at * 1000).toISOString(),
        pattern: `[ipv4-addr:value = '198.51.100.${at % 200}']`,
        revoked: at % 7 === 6,
      }),
    );
  }

  poll(owner: string, cursor: string | null): FeedUpdate {
    this.polls.push({ owner, cursor });
    if (this.isDown) throw new FeedError('unreachable', 'the test ordered it');
    const since = cursor === null ? 0 : Number(cursor);
    const { length } = this.objects;
    return updateOf({ objects: this.objects.slice(since), cursor: String(length), full: cursor === null });
  }
}

export interface FeedReplicaOptions {
  readonly world: FeedWorld;
  readonly owner: string;
  readonly settingsOf?: (feed: ServedFeed) => SourceSettings;
}

/** One process that shares its feeds: what the service wires, without sources, shards and sinks. */
export class FeedReplica {
  readonly store: MemoryStateStore;
  readonly lease: MemoryLease;
  readonly log = new MemoryLog();
  readonly refresh: Refresh;
  readonly share: FeedShare;
  /** Every version that its engines were shown, in order. */
  readonly shown: IndexVersion[] = [];
  readonly owner: string;
  /** Calls of the store until the process is suspended by itself; null for never. */
  suspendAt: number | null = null;
  readonly #world: FeedWorld;
  readonly #stopping = new AbortController();
  #suspended: { readonly promise: Promise<unknown>; readonly resolve: (value: null) => void } | null = null;
  #running: Promise<unknown> = Promise.resolve();

  constructor({ world, owner, settingsOf = (feed) => feed.settings }: FeedReplicaOptions) {
    this.#world = world;
    this.owner = owner;
    this.store = world.place.open();
    const turn = (): Promise<void> => {
      if (this.suspendAt !== null && this.suspendAt-- <= 0) this.suspend();
      return this.#turn();
    };
    this.store.before = turn;
    this.store.after = turn;
    this.lease = new MemoryLease(world.leases, { identifier: owner, durationMs: 15_000, realTime: world.realTime });
    const realTime: RealTime = {
      nowMs: () => world.realTime.nowMs(),
      delay: async (ms, signal) => {
        await world.realTime.delay(ms, signal);
        await this.#turn();
      },
    };
    const clock: Clock = {
      now: () => noon + world.realTime.nowMs(),
      sleepUntil: (at, signal) => realTime.delay(at - clock.now(), signal),
    };
    const pausing = async (): Promise<void> => {
      await yieldTurn();
      await this.#turn();
    };
    this.refresh = new Refresh({
      feeds: world.feeds.map((feed) => ({ feed: this.#feedOf(feed), settings: settingsOf(feed) })),
      catalogue: new IndicatorCatalogue(1000),
      minConfidence,
      excluded: new RangeSet([]),
      refreshIntervalMs: 60_000,
      clock,
      realTime,
      yieldTurn: pausing,
      log: this.log,
      onFailure: () => undefined,
      commitVersion: (version) => this.share.commit(version),
    });
    const { store, lease, log, refresh } = this;
    this.share = new FeedShare({ store, lease, refresh, codec: memoryCodec, owner, clock, realTime, log });
    void this.refresh.join(this.#engine());
  }

  get version(): IndexVersion | null {
    return this.refresh.index.version;
  }

  get isSuspended(): boolean {
    return this.#suspended !== null;
  }

  start(): void {
    this.#running = this.share.run(this.#stopping.signal);
  }

  /** A clean stop. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** As SIGSTOP or, without a resume(), SIGKILL. */
  suspend(): void {
    this.suspendAt = null;
    this.lease.suspend();
    this.#suspended ??= Promise.withResolvers<null>();
  }

  resume(): void {
    this.suspendAt = null;
    this.lease.resume();
    this.#suspended?.resolve(null);
    this.#suspended = null;
  }

  /** What was logged at a level. */
  said(level: 'info' | 'warn' | 'error'): string[] {
    return this.log.lines.filter((line) => line.level === level).map(({ message }) => message);
  }

  async #turn(): Promise<void> {
    while (this.#suspended !== null) await this.#suspended.promise;
  }

  #feedOf(feed: ServedFeed): IndicatorFeed {
    return {
      name: feed.name,
      poll: async (cursor) => {
        await this.#turn();
        const update = feed.poll(this.owner, cursor);
        await yieldTurn();
        await this.#turn();
        return update;
      },
    };
  }

  /** An engine that remembers what it is shown. */
  #engine(): Engine {
    const swapIndex = ({ version }: IndicatorIndex): void => {
      this.shown.push(version);
      this.#world.onShown(version, this.owner);
    };
    return { swapIndex, probeIndex: () => true } as unknown as Engine;
  }
}

/** Feeds, the place where they are shared, and the processes that want both. */
export class FeedWorld {
  readonly place = new MemoryStateStore();
  readonly realTime = new SteppingRealTime();
  readonly leases = new MemoryLeasePlace(this.realTime);
  readonly feeds: readonly ServedFeed[];
  /** What was shown against the rules. */
  readonly wrongs: string[] = [];
  readonly #digests = new Map<number, string>();

  constructor(...names: string[]) {
    this.feeds = names.map((name) => new ServedFeed(name));
  }

  open(owner: string, options: Omit<FeedReplicaOptions, 'world' | 'owner'> = {}): FeedReplica {
    const replica = new FeedReplica({ ...options, world: this, owner });
    replica.start();
    return replica;
  }

  /** What is shared now; null when nothing is. */
  head(): Head | null {
    const bytes = this.place.headBytes();
    return bytes && decodeHead(bytes, memoryCodec.sha256);
  }

  /** Digest of an index over all that the feeds hold. */
  digest(): string {
    const catalogue = new IndicatorCatalogue(1000);
    for (const { settings, objects } of this.feeds) catalogue.apply(settings, objects, { full: true });
    return catalogue.build({ minConfidence, excluded: new RangeSet([]), ordinal: 1 }).digest;
  }

  onShown({ ordinal, digest }: IndexVersion, owner: string): void {
    const before = this.#digests.get(ordinal) ?? digest;
    if (before !== digest) this.wrongs.push(`${owner} was shown ${digest} under ${ordinal}, which is ${before}`);
    const committed = this.head()?.current?.indexOrdinal ?? 0;
    if (ordinal > committed) this.wrongs.push(`${owner} was shown ${ordinal} while ${committed} is committed`);
    this.#digests.set(ordinal, digest);
  }
}
