import { readAllowListSteps, type ReadAllowList } from '../core/intel/allow-list-reader.ts';
import { type AllowAction, AllowLists } from '../core/intel/allow-lists.ts';
import type { AllowListSource } from '../core/intel/allow-list-source.ts';
import type { Clock, Log, RealTime } from '../core/ports.ts';
import { Sliced } from '../core/sliced.ts';
import { Turns } from './turns.ts';

/** Longest stretch of work before others have their turn. */
const turnMs = 4;

export interface AllowListRefreshOptions {
  readonly allowLists: readonly AllowListSource[];
  readonly refreshIntervalMs: number;
  readonly clock: Clock;
  readonly realTime: RealTime;
  readonly yieldTurn: () => Promise<void>;
  readonly log: Log;
  /** Takes the lists into use; resolves when everything held was looked up under them. */
  readonly index: { swapAllowLists(lists: AllowLists): Promise<void> };
}

/** How one list stands. */
export interface AllowListStatus {
  readonly name: string;
  readonly action: AllowAction;
  /** Entries in force, and those skipped as they are unusable. */
  readonly entries: number;
  readonly skipped: number;
  /** When it was last read; null while it never was, so that it covers nothing. */
  readonly lastReadMs: number | null;
  /** Null once a reading has succeeded after it. */
  readonly lastError: { readonly message: string; readonly at: number } | null;
}

interface ListState {
  fingerprint: string | null;
  read: ReadAllowList | null;
  lastReadMs: number | null;
  lastError: AllowListStatus['lastError'];
}

/** Keeps the allow lists fresh. What was read of a list stays in force while it cannot be read anew. */
export class AllowListRefresh {
  readonly #options: AllowListRefreshOptions;
  readonly #turns: Turns;
  readonly #states: ReadonlyMap<AllowListSource, ListState>;

  constructor(options: AllowListRefreshOptions) {
    this.#options = options;
    this.#turns = new Turns({ ...options, turnMs });
    this.#states = new Map(
      options.allowLists.map((source) => [
        source,
        { fingerprint: null, read: null, lastReadMs: null, lastError: null },
      ]),
    );
  }

  get status(): readonly AllowListStatus[] {
    return [...this.#states].map(([{ name, action }, { read, lastReadMs, lastError }]) => {
      const { entries = 0, skipped = 0 } = read ?? {};
      return { name, action, entries, skipped, lastReadMs, lastError };
    });
  }

  /** Reads every list once, and takes the lists into use if one of them changed. */
  async read(): Promise<void> {
    let isChanged = false;
    for (const [source, state] of this.#states) if (await this.#readOne(source, state)) isChanged = true;
    if (!isChanged) return;
    const lists = [...this.#states].flatMap(([{ name, action }, { read }]) =>
      read === null ? [] : [{ name, action, ranges: read.ranges }],
    );
    await this.#options.index.swapAllowLists(new AllowLists(lists));
  }

  /** Reads the lists at each interval until the signal aborts; the first time an interval from now. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, refreshIntervalMs, allowLists } = this.#options;
    const isOver = async (): Promise<boolean> => {
      await clock.sleepUntil(clock.now() + refreshIntervalMs, signal);
      return signal.aborted;
    };
    while (allowLists.length > 0 && !(await isOver())) await this.read();
  }

  /** Whether the list is another one than before. */
  async #readOne(source: AllowListSource, state: ListState): Promise<boolean> {
    const { clock, log } = this.#options;
    const { name } = source;
    try {
      const { fingerprint, documents } = await source.read(state.fingerprint);
      const read =
        documents === null ? null : await this.#turns.finish(new Sliced(readAllowListSteps(name, documents)));
      state.lastReadMs = clock.now();
      if (state.lastError !== null) log.info('Allow list can be read again', { list: name });
      state.lastError = null;
      if (read === null) return false;
      state.fingerprint = fingerprint;
      state.read = read;
      this.#tell(source, read);
      return true;
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      if (state.lastError?.message !== message) log.error('Allow list cannot be read', { list: name, cause: message });
      state.lastError = { message, at: clock.now() };
      return false;
    }
  }

  /** Once a content: documents that did not change are not read again. */
  #tell({ name, action }: AllowListSource, { entries, skipped, unusable }: ReadAllowList): void {
    const { log } = this.#options;
    log.info('Allow list read', { list: name, action, entries });
    if (skipped > 0)
      log.warn('Allow list has entries that are no CIDR and no address', { list: name, skipped, unusable });
  }
}
