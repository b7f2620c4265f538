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
  readonly heldBytes: number;
  readonly base: readonly CommitFigures[];
  readonly delta: readonly CommitFigures[];
  readonly flushes: readonly number[];
}

/** The light load: a message of so many records, then a rest. */
const loadRecords = 20;
const loadRestMs = 4;

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

async function measure(commit: () => Promise<number>): Promise<CommitFigures> {
  const ended = new AbortController();
  let [ms, bytes] = [0, 0];
  const loading = load(ended);
  const delay = await withLoopDelay(async () => {
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

measured.setIndex(indexOf(addresses));
let batch: AzureRecord[] = [];
for (const record of populationOf(addresses)) {
  batch.push(record);
  if (batch.length < 100) continue;
  measured.take(batch);
  batch = [];
}
measured.take(batch);
const heldBytes = process.memoryUsage().rss;

const figures: { base: CommitFigures[]; delta: CommitFigures[]; flushes: number[] } = {
  base: [],
  delta: [],
  flushes: [],
};
for (let left = Number(repetitions); left > 0; left -= 1) {
  const { commit } = await committer();
  figures.base.push(await measure(commit));
  // What came meanwhile is committed, so that the next one has 1 % to write.
  await commit();
  changeOneInHundred();
  figures.delta.push(await measure(commit));
}
process.send?.({ heldBytes, ...figures } satisfies SnapshotReport);
process.disconnect();
