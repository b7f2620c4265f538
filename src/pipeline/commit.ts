import type { Engine } from '../core/engine.ts';
import {
  StateStoreError,
  type Clock,
  type Log,
  type Positions,
  type RealTime,
  type StateStore,
} from '../core/ports.ts';
import type { Cut } from '../core/state/cut.ts';
import { blobsOf, encodeHead, type BlobReference, type FeedReference, type Head, type Manifest } from './manifest.ts';
import type { OwnedState, StateCodec } from './state-owner.ts';
import { SummaryWriter } from './summary-writer.ts';
import { Turns } from './turns.ts';

/** How often the loop looks whether a commit is wanted: well below the 250 ms an alert may wait for one. */
const lookMs = 50;

/** Longest stretch of copying before other work of the process gets its turn, and addresses copied between two looks. */
const turnMs = 3;
const sliceAddresses = 8;

/** A base is written anew when its deltas are larger than this share of it, or more than this many. */
const deltaShare = 0.5;
const deltasMax = 100;

const firstRetryMs = 200;
const lastRetryMs = 10_000;

/** What a commit needs to know of the feeds. */
export interface DurableFeeds {
  /** Ordinal of the index version that is held. */
  readonly indexOrdinal: number;
  /** The feeds whose set is held; the revision changes with every change of set or cursor. */
  persisted(): readonly { readonly name: string; readonly cursor: string | null; readonly revision: number }[];
  /** The set of a feed as bytes. Consistent with the cursor and revision told just before. */
  exportFeed(name: string): Promise<Uint8Array | null>;
}

export interface CommitterOptions {
  readonly store: StateStore;
  readonly owned: OwnedState;
  /** What the engine was restored from, so that the next commit may follow it; null when it began anew. */
  readonly restored: Manifest | null;
  readonly engine: Engine;
  readonly feeds: DurableFeeds;
  readonly codec: StateCodec;
  readonly clock: Clock;
  readonly realTime: RealTime;
  readonly yieldTurn: () => Promise<void>;
  readonly snapshotIntervalMs: number;
  readonly log: Log;
  /** What the shard tells replicas that do not hold it, as of the moment of the call; absent where it tells nobody. */
  readonly summarize?: () => Promise<Uint8Array>;
  /** Told of each commit: what it holds is durable now. */
  readonly onCommitted: (positions: Positions, bytes: number) => void;
}

export interface CommitStatus {
  readonly takenMs: number | null;
  readonly generation: number;
  readonly error: string | null;
}

/**
 * Makes the state durable: cuts the engine, writes the cut as one immutable blob, and makes it valid by one conditional
 * write of the head. Alerts leave the outbox only after that. Whoever finds the head written by another stops: run()
 * then rejects with HeadConflictError.
 */
export class Committer {
  readonly #options: CommitterOptions;
  readonly #turns: Turns;
  readonly #feedBlobs = new Map<string, { readonly revision: number; readonly reference: FeedReference }>();
  /** The last state that is whole, as far as this process knows. */
  #last: Manifest | null;
  #previous: Manifest | null = null;
  #tag: string;
  #generation: number;
  #lastMs: number | null;
  #nextSnapshotAt: number;
  #error: string | null = null;
  /** Whether the last cut became a state: when it was given up, what it took out of the engine is only in the next base. */
  #isLastCutKept = true;
  /** Blobs that are this process's to delete. */
  #own: string[];
  readonly #summaries: SummaryWriter | null;

  constructor(options: CommitterOptions) {
    this.#options = options;
    this.#turns = new Turns({ ...options, turnMs });
    const { owned, restored, summarize } = options;
    const { current, previous } = owned.head;
    this.#summaries = summarize ? new SummaryWriter({ ...options, summarize }, restored?.summary ?? null) : null;
    this.#last = restored;
    this.#lastMs = restored?.takenMs ?? null;
    this.#tag = owned.tag;
    this.#generation = Math.max(current?.generation ?? 0, previous?.generation ?? 0);
    this.#own = [...new Set([...blobsOf(current), ...blobsOf(previous)].map(({ name }) => name))];
    for (const reference of restored?.feeds ?? []) this.#feedBlobs.set(reference.name, { revision: 0, reference });
    // Without a state the first flush to come is open: it is settled at once, not by when the next process starts.
    this.#nextSnapshotAt = options.realTime.nowMs() + (restored === null ? 0 : options.snapshotIntervalMs);
  }

  get status(): CommitStatus {
    return { takenMs: this.#lastMs, generation: this.#generation, error: this.#error };
  }

  /**
   * Commits when something waits for it, and at each snapshot interval, until the signal aborts. A commit that has begun
   * has taken its changes out of the engine, so it is given up only when `abandon` aborts.
   */
  async run(signal: AbortSignal, abandon: AbortSignal): Promise<void> {
    const { engine, realTime } = this.#options;
    while (!signal.aborted) {
      if (engine.state.wantsCommit || realTime.nowMs() >= this.#nextSnapshotAt) await this.commit(abandon);
      await realTime.delay(lookMs, signal);
    }
  }

  /** One commit of the state as it is now. Gives up when the signal aborts; throws HeadConflictError when fenced. */
  async commit(signal: AbortSignal): Promise<void> {
    const { engine, realTime, snapshotIntervalMs, clock, onCommitted } = this.#options;
    this.#nextSnapshotAt = realTime.nowMs() + snapshotIntervalMs;
    const takenMs = Math.round(clock.now());
    const cut = engine.state.beginCut(this.#wantsBase() ? 'base' : 'delta');
    this.#isLastCutKept = false;
    const positions = engine.state.positions();
    this.#generation += 1;
    // Of the moment of the cut, and written beside it.
    const summarized = this.#summarize();
    const parts = await this.#partsOf(cut);
    const blob = await this.#putBlob(cut.kind, parts, signal);
    if (blob === null) return;
    const feeds = await this.#putFeeds(signal);
    if (feeds === null) return;
    const manifest = { ...this.#manifest(cut, blob, feeds, takenMs), ...(await summarized) };
    if (!(await this.#writeHead(manifest, signal))) return;
    this.#isLastCutKept = true;
    this.#lastMs = takenMs;
    engine.state.commit(cut.summary);
    onCommitted(positions, blob.bytes);
    await this.#deleteUnused();
  }

  #wantsBase(): boolean {
    if (this.#last === null || !this.#isLastCutKept) return true;
    const { base, deltas } = this.#last;
    const deltaBytes = deltas.reduce((sum, { bytes }) => sum + bytes, 0);
    return deltaBytes > base.bytes * deltaShare || deltas.length >= deltasMax;
  }

  /** The part of a manifest that names the summary; empty where there is none to write. */
  async #summarize(): Promise<Pick<Manifest, 'summary'>> {
    if (this.#summaries === null) return {};
    const name = this.#nameOf('summary');
    if (this.#summaries.isDue) this.#own.push(name);
    return { summary: await this.#summaries.next(name) };
  }

  #nameOf(what: string): string {
    return `${this.#options.owned.head.epoch}-${this.#generation}-${what}`;
  }

  async #partsOf(cut: Cut): Promise<readonly Uint8Array[]> {
    const { engine } = this.#options;
    while (!cut.advance(sliceAddresses)) await this.#turns.giveWay();
    const parts = cut.parts();
    engine.state.endCut();
    return parts;
  }

  async #putBlob(what: string, parts: readonly Uint8Array[], signal: AbortSignal): Promise<BlobReference | null> {
    const { codec, store } = this.#options;
    const packed = await codec.compress(...parts);
    const name = this.#nameOf(what);
    const written = await this.#persist(`write ${name}`, () => store.put(name, packed), signal);
    if (!written) return null;
    this.#own.push(name);
    return { name, bytes: packed.length, sha256: await codec.digest(packed) };
  }

  /** Writes the sets of feeds that changed; null when the signal aborted first. */
  async #putFeeds(signal: AbortSignal): Promise<FeedReference[] | null> {
    const { feeds } = this.#options;
    const references: FeedReference[] = [];
    for (const [index, { name, cursor, revision }] of feeds.persisted().entries()) {
      const known = this.#feedBlobs.get(name);
      if (known?.revision === revision) {
        references.push(known.reference);
        continue;
      }
      const bytes = await feeds.exportFeed(name);
      if (bytes === null) continue;
      const blob = await this.#putBlob(`feed-${index}`, [bytes], signal);
      if (blob === null) return null;
      const reference = { name, cursor, blob };
      this.#feedBlobs.set(name, { revision, reference });
      references.push(reference);
    }
    return references;
  }

  #manifest(cut: Cut, blob: BlobReference, feeds: FeedReference[], takenMs: number): Manifest {
    const last = this.#last;
    const chain =
      cut.kind === 'base' || last === null
        ? { base: blob, deltas: [] }
        : { base: last.base, deltas: [...last.deltas, blob] };
    return { generation: this.#generation, takenMs, ...chain, feeds, indexOrdinal: this.#options.feeds.indexOrdinal };
  }

  /** Makes a state the current one, and the last whole one the one before it. False when the signal aborted first. */
  async #writeHead(manifest: Manifest, signal: AbortSignal): Promise<boolean> {
    const { store, codec, owned } = this.#options;
    const { epoch, owner } = owned.head;
    const head: Head = { epoch, owner, current: manifest, previous: this.#last };
    const bytes = encodeHead(head, codec.sha256);
    return this.#persist(
      'write the head of the state',
      async () => {
        this.#tag = await store.writeHead(bytes, this.#tag);
        this.#previous = this.#last;
        this.#last = manifest;
      },
      signal,
    );
  }

  /** Tries until the store takes it; false when the signal aborted first. */
  async #persist(what: string, attempt: () => Promise<void>, signal: AbortSignal): Promise<boolean> {
    const { realTime, log } = this.#options;
    for (let delayMs = firstRetryMs; !signal.aborted; delayMs = Math.min(lastRetryMs, delayMs * 2)) {
      try {
        await attempt();
        if (this.#error !== null) log.info('State can be kept again');
        this.#error = null;
        return true;
      } catch (error) {
        if (!(error instanceof StateStoreError) || error.code === 'name_taken') throw error;
        if (this.#error === null) log.error(`Cannot ${what}: alerts wait for it`, { cause: error.message });
        this.#error = error.message;
        await realTime.delay(delayMs, signal);
      }
    }
    return false;
  }

  /** Deletes own blobs that neither the current nor the previous state names. A failure is made up for next time. */
  async #deleteUnused(): Promise<void> {
    const { store, log } = this.#options;
    const named = new Set([...blobsOf(this.#last), ...blobsOf(this.#previous)].map(({ name }) => name));
    const unused = this.#own.filter((name) => !named.has(name));
    this.#own = this.#own.filter((name) => named.has(name));
    for (const name of unused) {
      try {
        await store.delete(name);
      } catch (error) {
        this.#own.push(name);
        log.debug('Cannot delete a blob that is no longer needed', { name, cause: error });
      }
    }
  }
}
