import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableOf, type Figure } from './figures.ts';
import type { RestoreReport } from './restore-process.ts';
import type { SnapshotReport } from './snapshot-process.ts';

export interface RestartOptions {
  readonly addresses: number;
  readonly repetitions: number;
}

/** Room for the windows: 1,000,000 of them need more than Node takes by itself. */
const heapMegabytes = 12_000;

const megabyte = 1e6;

/** Measures how a state is written while records keep coming, and how long a new process takes to hold it again. */
export async function restart({ addresses, repetitions }: RestartOptions): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tidewatch-bench-'));
  try {
    const snapshot = await report<SnapshotReport>('snapshot-process.ts', folder, addresses, repetitions);
    const restores: RestoreReport[] = [];
    for (let left = repetitions; left > 0; left -= 1)
      restores.push(await report<RestoreReport>('restore-process.ts', folder, addresses, snapshot.addresses));
    return tableOf([...snapshotFigures(snapshot), ...restoreFigures(restores)]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function snapshotFigures({ heldBytes, addresses, flushes, flushesInBase, ...commits }: SnapshotReport): Figure[] {
  const of = (kind: 'base' | 'delta'): Figure[] => {
    const all = commits[kind];
    const title = kind === 'base' ? 'base' : 'delta of 1 %';
    return [
      { name: `${title}: written`, unit: 'MB', values: all.map(({ bytes }) => bytes / megabyte) },
      { name: `${title}: time`, unit: 's', values: all.map(({ ms }) => ms / 1000) },
      { name: `${title}: event-loop delay p50`, unit: 'ms', values: all.map(({ delay }) => delay.p50) },
      { name: `${title}: event-loop delay p99`, unit: 'ms', values: all.map(({ delay }) => delay.p99) },
      { name: `${title}: event-loop delay max`, unit: 'ms', values: all.map(({ delay }) => delay.max) },
      { name: `${title}: messages taken meanwhile`, unit: 'count', values: all.map(({ messages }) => messages) },
    ];
  };
  return [
    { name: 'held by the process before the first snapshot', unit: 'MB', values: [heldBytes / megabyte] },
    { name: 'windows after the flushes', unit: 'count', values: [addresses] },
    ...of('base'),
    ...of('delta'),
    { name: 'flush that drops an hour: time', unit: 'ms', values: flushes },
    { name: 'the same while a base is being written', unit: 'ms', values: flushesInBase },
  ];
}

function restoreFigures(restores: readonly RestoreReport[]): Figure[] {
  const seconds = (name: string, of: (report: RestoreReport) => number): Figure => ({
    name,
    unit: 's',
    values: restores.map((each) => of(each) / 1000),
  });
  return [
    seconds('restart: process start to ready', ({ readyMs }) => readyMs),
    seconds('restart: of that, reading and unpacking', ({ readMs }) => readMs),
    seconds('restart: of that, putting the shard together', ({ restoreMs }) => restoreMs),
    seconds('restart: of that, index', ({ indexMs }) => indexMs),
    { name: 'restart: peak memory', unit: 'MB', values: restores.map(({ peakBytes }) => peakBytes / megabyte) },
  ];
}

/** What a process of its own reports in its one message. */
function report<Report>(file: string, ...args: readonly (string | number)[]): Promise<Report> {
  const child = fork(new URL(file, import.meta.url), args.map(String), {
    execArgv: [`--max-old-space-size=${heapMegabytes}`, ...process.execArgv],
  });
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Report));
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`${file} ended without a report: ${code ?? signal}`)));
  });
}
