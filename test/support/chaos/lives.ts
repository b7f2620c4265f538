import { readFileSync } from 'node:fs';
import type { Alert } from '../../../src/core/alert/alert.ts';
import type { FlushRecord } from '../../../src/pipeline/views.ts';
import { formatMs } from '../../../src/core/time.ts';
import { sumOf } from '../../verify/exposition.ts';
import { jsonLine } from '../e2e/node-process.ts';
import { ServiceProcess } from '../e2e/service-process.ts';

/** One process of the service, from its start until it was killed, stopped or replaced. */
export interface Life {
  readonly service: ServiceProcess;
  /** What it last said of itself. */
  metrics: string;
  /** How many of its flushes may count: those after it was stopped with a signal cannot be committed any more. */
  flushesMax: number;
}

/** The processes of one service, one after the other, and what all of them together brought to the sink. */
export class Lives {
  readonly all: Life[] = [];
  readonly #environment: Readonly<Record<string, string>>;
  readonly #sinkPath: string;

  /** `sinks`: those beside the file, as elements of SINKS. */
  constructor(environment: Readonly<Record<string, string>>, sinkPath: string, sinks: readonly object[]) {
    this.#environment = { ...environment, SINKS: JSON.stringify([{ type: 'file', path: sinkPath }, ...sinks]) };
    this.#sinkPath = sinkPath;
  }

  get current(): Life {
    const life = this.all.at(-1);
    if (life === undefined) throw new TypeError('Cannot tell the current process as none was started');
    return life;
  }

  get service(): ServiceProcess {
    return this.current.service;
  }

  /** Starts the next process; resolves when it listens. */
  async start(changes: Readonly<Record<string, string>> = {}): Promise<Life> {
    const service = await ServiceProcess.start({ ...this.#environment, ...changes });
    const life: Life = { service, metrics: '', flushesMax: Number.POSITIVE_INFINITY };
    this.all.push(life);
    return life;
  }

  /** Ends the current process at once, wherever it is. */
  kill(): void {
    this.service.process.signal('SIGKILL');
  }

  /** Waits until the current process owns the state and has committed `commits` times more. */
  async goesOn(commits = 1): Promise<void> {
    let before: number | null = null;
    await this.service.eventually(`${commits} commits`, async () => {
      const metrics = await this.service.metrics();
      this.current.metrics = metrics;
      const done = sumOf(metrics, 'tidewatch_commits_total');
      before ??= done;
      return done >= before + commits ? true : undefined;
    });
  }

  /** Waits until the current process has the flush of a boundary behind it. */
  async hasFlushed(windowEnd: number): Promise<void> {
    await this.service.eventually(`the flush at ${formatMs(windowEnd)}`, async () => {
      const [flush] = (await this.service.health()).checks['flush:last'] ?? [];
      return Date.parse(String(flush?.details?.['nextWindowEnd'])) > windowEnd ? true : undefined;
    });
  }

  /** Waits until no alert waits for a sink. */
  async hasDelivered(): Promise<void> {
    await this.service.eventually('every alert to be delivered', async () =>
      sumOf(await this.service.metrics(), 'tidewatch_outbox_waiting') === 0 ? true : undefined,
    );
  }

  /** Every line that the processes wrote to stdout whole. */
  printed(): readonly string[] {
    return this.all.flatMap(({ service }) => service.process.stdout).filter((line) => jsonLine(line) !== undefined);
  }

  /** Waits until the current process reads again and commits. */
  async recovers(partitions: number): Promise<void> {
    await this.service.reads(partitions);
    await this.goesOn();
  }

  /** Every line of the sink in its order; the last may be cut off by a kill, and so may one before it. */
  delivered(): readonly string[] {
    try {
      return readFileSync(this.#sinkPath, 'utf8')
        .split('\n')
        .filter((line) => jsonLine(line) !== undefined);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  }

  alerts(): readonly Alert[] {
    return this.delivered().map((line) => JSON.parse(line) as Alert);
  }

  /** Every run of a flush that was logged, those of a later process after those of an earlier. */
  flushes(): readonly FlushRecord[] {
    return this.all.flatMap(({ service, flushesMax }) => service.flushLines().slice(0, flushesMax));
  }
}
