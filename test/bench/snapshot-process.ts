import { FileStateStore } from '../../src/adapters/file/state-store.ts';
import { realTime, systemClock, yieldTurn } from '../../src/adapters/system/clock.ts';
import type { AzureRecord } from '../../src/core/record.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { Committer } from '../../src/pipeline/commit.ts';
import { takeOwnership } from '../../src/pipeline/state-owner.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { withLoopDelay, type LoopDelay } from './loop-delay.ts';
import { codec, indexOf, MeasuredEngine } from './measured-engine.ts';
import { boundary, operationAt, populationOf, random } from './population.ts';

export interface CommitFigures {
  readonly ms: number;
  readonly bytes: number;
  readonly messages: number;
  readonly delay: LoopDelay;
}

export interface SnapshotReport {
  /** Memory of the process with the whole population in it. */
  readonly heldBytes: number;
  /** Addresses of the last commit, which a restart has to hold again. */
  readonly addresses: number;
  readonly base: readonly CommitFigures[];
  readonly delta: readonly CommitFigures[];
  /** Time of flushes that drop an hour: alone, and while a base is being written. */
  readonly flushes: readonly number[];
  readonly flushesInBase: readonly number[];
}

/** The light load: a message of so many records, then a rest. */
const loadRecords = 20;
const loadRestMs = 4;

/** Records between two commits while the population is taken. */
const commitEach = 100_000;

const never = new AbortController().signal;
const [folder = '', addressesText = '', repetitions = ''] = process.argv.slice(2);
const addresses = Number(addressesText);
const measured = new MeasuredEngine();
const draw = random(2);

function recordAt(number: number): AzureRecord {
  return operationAt(number, boundary - Math.ceil(draw() * HOUR_MS), draw);
}

function anyRecord(): AzureRecord {
  return recordAt(Math.floor(draw() * addresses));
}

/** Takes messages, with turns of the event loop between them, until told to end. */
async function load(ended: { readonly signal: AbortSignal }): Promise<number> {
  let messages = 0;
  while (!ended.signal.aborted) {
    measured.take(Array.from({ length: loadRecords }, anyRecord));
    messages += 1;
    await realTime.delay(loadRestMs);
  }
  return messages;
}

async function committer(): Promise<{ readonly commit: () => Promise<number> }> {
  const store = new FileStateStore(folder);
  const log = new MemoryLog();
  let written = 0;
  const owned = await takeOwnership(store, 'bench', codec, log);
  const each = new Committer({
    store,
    owned,
    restored: null,
    engine: measured.engine,
    feeds: { indexOrdinal: 1, persisted: () => [], exportFeed: () => Promise.resolve(null) },
    codec,
    clock: systemClock({ speed: 1, originMs: 0 }),
    realTime,
    yieldTurn,
    snapshotIntervalMs: 60_000,
    log,
    onCommitted: (_positions, bytes) => {
      written = bytes;
    },
  });
  return {
    commit: async () => {
      await each.commit(never);
      measured.drain();
      return written;
    },
  };
}

/** Addresses held when the last measured commit began. */
let committed = 0;

function held(): number {
  const { candidates, pinned } = measured.engine.store.sizes;
  return candidates + pinned;
}

async function measure(commit: () => Promise<number>): Promise<CommitFigures> {
  const ended = new AbortController();
  let [ms, bytes] = [0, 0];
  const loading = load(ended);
  const delay = await withLoopDelay(async () => {
    committed = held();
    const startedMs = performance.now();
    bytes = await commit();
    ms = performance.now() - startedMs;
  });
  ended.abort();
  return { ms, bytes, delay, messages: await loading };
}

function changeOneInHundred(): void {
  for (let number = Math.floor(draw() * 100); number < addresses; number += 100) measured.take([recordAt(number)]);
}

/** Takes the population, with a commit now and then as the service makes one each snapshot interval. */
async function populate(): Promise<void> {
  const { commit } = await committer();
  measured.setIndex(indexOf(addresses));
  let taken = 0;
  for (const record of populationOf(addresses)) {
    measured.take([record]);
    taken += 1;
    if (taken % commitEach === 0) await commit();
  }
  await commit();
}

function flush(): number {
  const startedMs = performance.now();
  measured.engine.flush({ lagging: [] }, measured.engine.boundary + HOUR_MS);
  return performance.now() - startedMs;
}

async function flushInBase(): Promise<number> {
  const { commit } = await committer();
  const committing = commit();
  await yieldTurn();
  const ms = flush();
  await committing;
  return ms;
}

await populate();
const heldBytes = process.memoryUsage().rss;
const base: CommitFigures[] = [];
const delta: CommitFigures[] = [];
const flushes: number[] = [];
const flushesInBase: number[] = [];
for (let left = Number(repetitions); left > 0; left -= 1) {
  flushesInBase.push(await flushInBase());
  flushes.push(flush());
  const { commit } = await committer();
  base.push(await measure(commit));
  // What came meanwhile is committed, so that the next one has 1 % to write.
  await commit();
  changeOneInHundred();
  delta.push(await measure(commit));
}
process.send?.({
  heldBytes,
  addresses: committed,
  base,
  delta,
  flushes,
  flushesInBase,
} satisfies SnapshotReport);
process.disconnect();
