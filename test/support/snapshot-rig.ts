import { yieldTurn } from '../../src/adapters/system/clock.ts';
import { Engine } from '../../src/core/engine.ts';
import type { AzureRecord } from '../../src/core/record.ts';
import type { StateStore } from '../../src/core/ports.ts';
import { Tally } from '../../src/core/tally.ts';
import { Committer } from '../../src/pipeline/commit.ts';
import { takeOwnership, type StateCodec } from '../../src/pipeline/state-owner.ts';
import { activity, boundary, indicator, minute, noon, signIn } from './engine-bench.ts';
import { buildIndex, engineOptions, message, type EngineSetting, usualSetting } from './engine-builder.ts';
import { MemoryLog } from './memory-log.ts';
import { SteppingClock } from './stepping-clock.ts';
import { SteppingRealTime } from './stepping-real-time.ts';
import { realCodec } from './state-rig.ts';

const source = {
  name: 'feed',
  defaultConfidence: null,
  tlp: '' as const,
  maxAgeMs: 365 * 24 * 60 * minute,
  useDstRef: false,
};

const never = new AbortController().signal;

/** An owner that begins a state in any store, and commits to it as the service does. */
export class SnapshotOwner {
  readonly engine: Engine;
  readonly committer: Committer;
  readonly #sequenceNumbers = new Map<string, number>();
  #revision = 1;

  private constructor(engine: Engine, committer: (owner: SnapshotOwner) => Committer) {
    this.engine = engine;
    this.committer = committer(this);
  }

  static async begin(
    store: StateStore,
    { codec = realCodec, bounds = {} }: { codec?: StateCodec; bounds?: EngineSetting['bounds'] } = {},
  ): Promise<SnapshotOwner> {
    const log = new MemoryLog();
    const owned = await takeOwnership(store, 'owner-1', codec, log);
    const options = engineOptions({ ...usualSetting, isDurable: true, bounds });
    const engine = new Engine(options, { firstBoundary: boundary, warmUntil: null });
    engine.watermarks.expect(['hub/0', 'hub/1'], noon);
    const { index, catalogue } = buildIndex([{ source, object: indicator() }], usualSetting);
    engine.setIndex(index, () => 'indicator-deleted', noon);
    return new SnapshotOwner(
      engine,
      (owner) =>
        new Committer({
          store,
          owned,
          restored: null,
          engine,
          feeds: {
            indexOrdinal: 1,
            persisted: () => [{ name: 'feed', cursor: `cursor-${owner.#revision}`, revision: owner.#revision }],
            exportFeed: () => Promise.resolve(catalogue.export('feed')),
          },
          codec,
          clock: new SteppingClock(noon),
          realTime: new SteppingRealTime(),
          yieldTurn,
          snapshotIntervalMs: 60_000,
          log,
          onCommitted: () => undefined,
        }),
    );
  }

  take(record: AzureRecord, origin = 'hub/0', enqueuedMs = record.time?.ms ?? noon): void {
    const sequenceNumber = (this.#sequenceNumbers.get(origin) ?? 0) + 1;
    this.#sequenceNumbers.set(origin, sequenceNumber);
    const decoded = message([{ ...record, index: 0 }]);
    const taken = { origin, sequenceNumber, offset: `o${sequenceNumber}`, enqueuedMs, decoded };
    this.engine.take(taken, enqueuedMs, new Tally());
  }

  /** Records of so many addresses that no indicator matches. */
  fill(addresses: number, from = 0): void {
    for (let n = from; n < from + addresses; n += 1)
      this.take(activity(noon + minute, { address: `198.51.${100 + Math.floor(n / 200)}.${n % 200}` }));
  }

  flush(): void {
    this.engine.flush({ lagging: [] }, this.engine.boundary + 6 * minute);
  }

  /** From the next commit on the feed has another set and cursor. */
  changeFeed(): void {
    this.#revision += 1;
  }

  commit(): Promise<void> {
    return this.committer.commit(never);
  }
}

/** Two commits, a base and a delta upon it, each with a feed of its own; every kind of thing is in them. */
export async function storedState(store: StateStore, codec: StateCodec = realCodec): Promise<SnapshotOwner> {
  const owner = await SnapshotOwner.begin(store, { codec });
  owner.fill(30);
  owner.take(signIn(noon + minute));
  owner.take(activity(noon + 2 * minute));
  owner.take(activity(noon + 3 * minute, { caller: 'bob@contoso.com' }), 'hub/1');
  await owner.commit();
  owner.changeFeed();
  owner.take(activity(noon + 4 * minute, { caller: 'carol@contoso.com' }));
  await owner.commit();
  return owner;
}
