import { yieldTurn } from '../../src/adapters/system/clock.ts';
import { compress, decompress } from '../../src/adapters/system/compression.ts';
import { digest, sha256Bytes } from '../../src/adapters/system/digest.ts';
import type { Alert } from '../../src/core/alert/alert.ts';
import type { Address } from '../../src/core/address.ts';
import { Finding } from '../../src/core/alert/finding.ts';
import { Engine } from '../../src/core/engine.ts';
import type { SourcedObject } from '../../src/core/kql/ti-version.ts';
import type { AzureRecord } from '../../src/core/record.ts';
import type { ShardImage, StoredAddress } from '../../src/core/state/shard-image.ts';
import type { AddressWindows } from '../../src/core/window/address-windows.ts';
import type { PackedWindows } from '../../src/core/window/packed-windows.ts';
import { Tally } from '../../src/core/tally.ts';
import { Committer, type CommitterOptions, type DurableFeeds } from '../../src/pipeline/commit.ts';
import { decodeHead, type Head, type Manifest } from '../../src/pipeline/manifest.ts';
import { newestState, takeOwnership, type OwnedState, type StateCodec } from '../../src/pipeline/state-owner.ts';
import { boundary, indicator, minute, noon } from './engine-bench.ts';
import { buildIndex, drain, engineOptions, message, type EngineSetting, usualSetting } from './engine-builder.ts';
import { memoryCodec } from './memory-codec.ts';
import { MemoryLog } from './memory-log.ts';
import { MemoryStateStore } from './memory-state-store.ts';
import { SteppingClock } from './stepping-clock.ts';
import { SteppingRealTime } from './stepping-real-time.ts';

/** The codec that the service uses. */
export const realCodec: StateCodec = { compress, decompress, sha256: sha256Bytes, digest };

const source = {
  name: 'feed',
  defaultConfidence: null,
  tlp: '' as const,
  maxAgeMs: 365 * 24 * 60 * minute,
  useDstRef: false,
};

/** Passes time until a condition holds. */
export async function until(realTime: SteppingRealTime, holds: () => boolean, stepMs = 50): Promise<void> {
  for (let step = 0; !holds(); step += 1) {
    if (step >= 5000) throw new Error(`Cannot wait on: ${holds.toString()} does not hold after ${step * stepMs} ms`);
    await realTime.advance(stepMs);
  }
}

/** Sets of feeds as a commit sees them. */
export class MemoryFeeds implements DurableFeeds {
  indexOrdinal = 1;
  readonly sets = new Map<string, { cursor: string | null; revision: number; bytes: Uint8Array }>();

  put(name: string, text: string, revision: number, cursor = `cursor-${revision}`): void {
    this.sets.set(name, { cursor, revision, bytes: new TextEncoder().encode(text) });
  }

  /** The same sets as the next process holds them before anything changes. */
  restored(): MemoryFeeds {
    const feeds = new MemoryFeeds();
    for (const [name, set] of this.sets) feeds.sets.set(name, { ...set, revision: 0 });
    return feeds;
  }

  persisted(): ReturnType<DurableFeeds['persisted']> {
    return [...this.sets].map(([name, { cursor, revision }]) => ({ name, cursor, revision }));
  }

  exportFeed(name: string): Promise<Uint8Array | null> {
    return Promise.resolve(this.sets.get(name)?.bytes ?? null);
  }
}

export interface OwnerOptions {
  readonly codec?: StateCodec;
  readonly setting?: Partial<EngineSetting>;
  readonly feeds?: MemoryFeeds;
  readonly indicators?: readonly SourcedObject[];
  readonly firstBoundary?: number;
  readonly owner?: string;
  /** What is told to replicas that do not hold the state; nothing when absent. */
  readonly summarize?: (engine: Engine) => Promise<Uint8Array>;
}

/** One process that owns the state: it restored what it found, takes records and commits. */
export class StateOwner {
  readonly store: MemoryStateStore;
  readonly engine: Engine;
  readonly owned: OwnedState;
  readonly restored: Manifest | null;
  readonly committer: Committer;
  readonly feeds: MemoryFeeds;
  readonly log: MemoryLog;
  readonly realTime = new SteppingRealTime();
  readonly commits: { readonly positions: ReturnType<Engine['state']['positions']>; readonly bytes: number }[] = [];
  readonly #abandon = new AbortController();
  readonly #setting: Partial<EngineSetting>;
  #sequenceNumber: number;

  private constructor(
    store: MemoryStateStore,
    begun: { readonly engine: Engine; readonly owned: OwnedState; readonly restored: Manifest | null; log: MemoryLog },
    { codec = memoryCodec, feeds = new MemoryFeeds(), setting: changes = {}, summarize }: OwnerOptions,
  ) {
    this.store = store;
    this.engine = begun.engine;
    this.owned = begun.owned;
    this.restored = begun.restored;
    this.log = begun.log;
    this.feeds = feeds;
    this.#setting = changes;
    this.#sequenceNumber = this.engine.state.positions().get('hub/0')?.sequenceNumber ?? 0;
    const options: CommitterOptions = {
      store,
      owned: this.owned,
      restored: this.restored,
      engine: this.engine,
      feeds,
      codec,
      clock: new SteppingClock(noon),
      realTime: this.realTime,
      yieldTurn,
      snapshotIntervalMs: 60_000,
      log: this.log,
      ...(summarize === undefined ? {} : { summarize: () => summarize(this.engine) }),
      onCommitted: (positions, bytes) => this.commits.push({ positions, bytes }),
    };
    this.committer = new Committer(options);
  }

  /** Takes the state over and goes on where it ends. */
  static async start(store: MemoryStateStore, options: OwnerOptions = {}): Promise<StateOwner> {
    const {
      codec = memoryCodec,
      owner = 'a',
      firstBoundary = boundary,
      indicators = [{ source, object: indicator() }],
    } = options;
    const log = new MemoryLog();
    const engine = new Engine(engineOptions({ ...usualSetting, isDurable: true, ...options.setting }), {
      firstBoundary,
      warmUntil: null,
    });
    const owned = await takeOwnership(store, owner, codec, log);
    const found = await newestState(store, owned.head, codec, log);
    if (found !== null) engine.state.restore(found.image);
    engine.watermarks.expect(['hub/0'], noon);
    const begun = { engine, owned, restored: found?.manifest ?? null, log };
    const process = new StateOwner(store, begun, options);
    process.index(indicators);
    return process;
  }

  index(objects: readonly SourcedObject[]): void {
    const { index } = buildIndex(objects, { ...usualSetting, ...this.#setting });
    this.engine.setIndex(index, () => 'indicator-deleted', this.engine.boundary - 1);
  }

  take(record: AzureRecord, enqueuedMs = record.time?.ms ?? noon): void {
    this.#sequenceNumber += 1;
    const sequenceNumber = this.#sequenceNumber;
    const decoded = message([{ ...record, index: 0 }]);
    this.engine.take(
      { origin: 'hub/0', sequenceNumber, offset: String(sequenceNumber), enqueuedMs, decoded },
      enqueuedMs,
      new Tally(),
    );
  }

  flush(): void {
    this.engine.flush({ lagging: [] }, this.engine.boundary + 6 * minute);
  }

  /** What a sink is given now, and takes. */
  deliver(): Alert[] {
    return drain(this.engine);
  }

  commit(signal: AbortSignal = this.#abandon.signal): Promise<void> {
    return this.committer.commit(signal);
  }
}

/** What a promise gives, or null when the process of the store died before. */
export async function orCrash<T>(store: MemoryStateStore, promise: Promise<T>): Promise<T | null> {
  let result: { value: T } | null = null;
  const settled = promise.then((value) => {
    result = { value };
  });
  const given = (): { value: T } | null => result;
  while (given() === null && !store.crashed) await Promise.race([settled, yieldTurn()]);
  return given()?.value ?? null;
}

/** What the head says now, past every fault. */
export async function headOf(place: MemoryStateStore, codec: StateCodec = memoryCodec): Promise<Head> {
  const stored = await place.open().readHead();
  if (stored === null) throw new Error('Cannot read the head: there is none');
  return decodeHead(stored.bytes, codec.sha256);
}

/** Everything that an image holds, as a value to compare. */
export function contentOf(image: ShardImage): unknown {
  const { boundary, lookbackMs } = image.summary;
  return {
    summary: image.summary,
    addresses: [...image.addresses]
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
      .flatMap(([address, stored]) => rememberedAt(address, stored, boundary - lookbackMs)),
    evicted: [...image.evicted].sort(),
    expired: [...image.expired].sort(),
    // By the flush that they wait for, as a shard holds them; the order within one is kept.
    deferred: [...image.deferred].sort((a, b) => a.dueAt - b.dueAt),
    alerts: image.alerts,
  };
}

/** What is left of an address once it is restored: what a flush had dropped is still in the cuts before it. */
function rememberedAt(address: Address, { windows, findings }: StoredAddress, upTo: number): readonly unknown[] {
  const unpacked = windows?.unpacked() ?? null;
  const isTold = unpacked !== null && windows !== null && tellsOf(windows, unpacked);
  const held =
    unpacked === null || unpacked.forget(upTo) ? null : { windows: unpacked, isPinned: windows?.isPinned, isTold };
  const memories = findings.map(({ caller, key, memory }) => {
    const finding = new Finding(key, caller, address);
    finding.recall(memory);
    finding.forget(upTo);
    return { caller, key, memory: finding.memory };
  });
  if (held === null && memories.length === 0) return [];
  return [{ address, held, memories }];
}

/** Whether packed windows say of themselves what unpacking them shows. */
function tellsOf(packed: PackedWindows, unpacked: AddressWindows): boolean {
  const said = [packed.bytes, packed.identityBytes, packed.callerCount, packed.oldestPaneEnd, packed.isWide];
  const shown = [unpacked.bytes, unpacked.identityBytes, unpacked.callerCount, unpacked.oldestPaneEnd, unpacked.isWide];
  return said.every((value, at) => value === shown[at]);
}

/** What the next owner would restore, null when there is nothing. */
export async function restorable(place: MemoryStateStore, codec: StateCodec = memoryCodec): Promise<unknown> {
  const found = await newestState(place.open(), await headOf(place, codec), codec, new MemoryLog());
  return found && contentOf(found.image);
}

/** Everything an engine holds. Takes its changes out of it, so it must not be committed afterwards. */
export async function contentNow(engine: Engine): Promise<unknown> {
  const store = new MemoryStateStore();
  const owned = await takeOwnership(store, 'reader', memoryCodec, new MemoryLog());
  const committer = new Committer({
    store,
    owned,
    restored: null,
    engine,
    feeds: new MemoryFeeds(),
    codec: memoryCodec,
    clock: new SteppingClock(noon),
    realTime: new SteppingRealTime(),
    yieldTurn,
    snapshotIntervalMs: 60_000,
    log: new MemoryLog(),
    onCommitted: () => undefined,
  });
  await committer.commit(new AbortController().signal);
  return restorable(store);
}
