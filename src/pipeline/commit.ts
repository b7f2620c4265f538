import type { Engine } from '../core/engine.ts';
import type { Clock, Log, Positions, RealTime, StateStore } from '../core/ports.ts';
import type { Cut } from '../core/state/cut.ts';
import { ManifestWriter, type DurableSets } from './manifest-writer.ts';
import type { BlobReference, FeedReference, Manifest } from './manifest.ts';
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

/** What a commit needs to know of the feeds. */
export interface DurableFeeds extends DurableSets {
  /** Ordinal of the index version that is held. */
  readonly indexOrdinal: number;
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
  readonly #writer: ManifestWriter;
  #lastMs: number | null;
  #nextSnapshotAt: number;
  /** Whether the last cut became a state: when it was given up, what it took out of the engine is only in the next base. */
  #isLastCutKept = true;
  readonly #summaries: SummaryWriter | null;

  constructor(options: CommitterOptions) {
    this.#options = options;
    this.#turns = new Turns({ ...options, turnMs });
    this.#writer = new ManifestWriter({ ...options, waiting: 'alerts wait for it' });
    const { restored, summarize } = options;
    this.#summaries = summarize ? new SummaryWriter({ ...options, summarize }, restored?.summary ?? null) : null;
    this.#lastMs = restored?.takenMs ?? null;
    // Without a state the first flush to come is open: it is settled at once, not by when the next process starts.
    this.#nextSnapshotAt = options.realTime.nowMs() + (restored === null ? 0 : options.snapshotIntervalMs);
  }

  get status(): CommitStatus {
    const { generation, error } = this.#writer;
    return { takenMs: this.#lastMs, generation, error };
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
    const { engine, feeds, realTime, snapshotIntervalMs, clock, onCommitted } = this.#options;
    this.#nextSnapshotAt = realTime.nowMs() + snapshotIntervalMs;
    const takenMs = Math.round(clock.now());
    const cut = engine.state.beginCut(this.#wantsBase() ? 'base' : 'delta');
    this.#isLastCutKept = false;
    const positions = engine.state.positions();
    this.#writer.begin();
    // Of the moment of the cut, and written beside it.
    const summarized = this.#summarize();
    const parts = await this.#partsOf(cut);
    const blob = await this.#writer.putBlob(cut.kind, parts, signal);
    if (blob === null) return;
    const sets = await this.#writer.putFeeds(feeds, signal);
    if (sets === null) return;
    const manifest = { ...this.#manifest(cut, blob, sets, takenMs), ...(await summarized) };
    if (!(await this.#writer.writeHead(manifest, signal))) return;
    this.#isLastCutKept = true;
    this.#lastMs = takenMs;
    engine.state.commit(cut.summary);
    onCommitted(positions, blob.bytes);
    await this.#writer.deleteUnused();
  }

  #wantsBase(): boolean {
    const { last } = this.#writer;
    if (last === null || !this.#isLastCutKept) return true;
    const { base, deltas } = last;
    const deltaBytes = deltas.reduce((sum, { bytes }) => sum + bytes, 0);
    return deltaBytes > base.bytes * deltaShare || deltas.length >= deltasMax;
  }

  /** The part of a manifest that names the summary; empty where there is none to write. */
  async #summarize(): Promise<Pick<Manifest, 'summary'>> {
    if (this.#summaries === null) return {};
    const name = this.#writer.nameOf('summary');
    if (this.#summaries.isDue) this.#writer.own(name);
    return { summary: await this.#summaries.next(name) };
  }

  async #partsOf(cut: Cut): Promise<readonly Uint8Array[]> {
    const { engine } = this.#options;
    while (!cut.advance(sliceAddresses)) await this.#turns.giveWay();
    const parts = cut.parts();
    engine.state.endCut();
    return parts;
  }

  #manifest(cut: Cut, blob: BlobReference, feeds: FeedReference[], takenMs: number): Manifest {
    const { last, generation } = this.#writer;
    const chain =
      cut.kind === 'base' || last === null
        ? { base: blob, deltas: [] }
        : { base: last.base, deltas: [...last.deltas, blob] };
    return { generation, takenMs, ...chain, feeds, indexOrdinal: this.#options.feeds.indexOrdinal };
  }
}
