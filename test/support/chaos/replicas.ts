import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { FlushRecord } from '../../../src/pipeline/views.ts';
import { jsonLine } from '../e2e/node-process.ts';
import { ServiceProcess } from '../e2e/service-process.ts';

/** A flush that a replica logged, of one of its shards. */
export interface ShardFlush {
  readonly shard: string;
  readonly record: FlushRecord;
}

/** One process of the fleet. */
export class Replica {
  readonly service: ServiceProcess;
  readonly sinkPath: string;
  /** What it last said in its metrics. */
  metrics = '';
  /** Lines of its log when it went on after a stop with a signal: what it flushes of shards it lost is never committed. */
  #resumedAt: number[] = [];

  constructor(service: ServiceProcess, sinkPath: string) {
    this.service = service;
    this.sinkPath = sinkPath;
  }

  get isAlive(): boolean {
    return !this.service.process.hasEnded;
  }

  /** Shards that it said it holds. */
  held(): ReadonlySet<string> {
    const held = new Set<string>();
    if (!this.isAlive) return held;
    for (const line of this.#log()) {
      if (line['msg'] === 'Shard held') held.add(String(line['partition']));
      if (line['msg'] === 'Shard let go') held.delete(String(line['partition']));
    }
    return held;
  }

  /** True milliseconds since 1970 at which it came to hold a shard for the last time; null when it never did. */
  heldSinceMs(shard: string): number | null {
    const line = this.#log().findLast((each) => each['msg'] === 'Shard held' && each['partition'] === shard);
    return line === undefined ? null : Date.parse(String(line['time']));
  }

  /** Goes on after a stop with a signal in which it lost what it held. */
  resume(): void {
    this.#resumedAt.push(this.service.process.stderr.length);
    this.service.process.signal('SIGCONT');
  }

  /** Every flush that it logged and that may have been committed. */
  flushes(): readonly ShardFlush[] {
    const flushes: ShardFlush[] = [];
    const lost = new Set<string>();
    let isLost = false;
    for (const [at, line] of this.#log().entries()) {
      if (this.#resumedAt.includes(at)) {
        lost.clear();
        isLost = true;
      }
      if (line['msg'] === 'Shard held') lost.add(String(line['partition']));
      if (!String(line['msg']).startsWith('Flushed')) continue;
      const shard = String(line['shard']);
      if (!isLost || lost.has(shard)) flushes.push({ shard, record: line as unknown as FlushRecord });
    }
    return flushes;
  }

  /** Every whole line of its sink; a kill may cut the last one off. */
  delivered(): readonly string[] {
    try {
      const lines = readFileSync(this.sinkPath, 'utf8').split('\n');
      return lines.filter((line) => jsonLine(line) !== undefined);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  }

  #log(): readonly Readonly<Record<string, unknown>>[] {
    return this.service.process.stderr.map((line) => jsonLine(line) ?? {});
  }
}

/** The replicas of one service, with what all of them together did. */
export class Replicas {
  readonly all: Replica[] = [];
  readonly #environment: Readonly<Record<string, string>>;
  readonly #folder: string;

  constructor(environment: Readonly<Record<string, string>>, folder: string) {
    this.#environment = environment;
    this.#folder = folder;
  }

  get alive(): readonly Replica[] {
    return this.all.filter(({ isAlive }) => isAlive);
  }

  /** Starts one more; resolves when it listens. */
  async join(): Promise<Replica> {
    const sinkPath = path.join(this.#folder, `alerts-${this.all.length}.jsonl`);
    const service = await ServiceProcess.start({ ...this.#environment, SINKS: `file:${sinkPath}` });
    const replica = new Replica(service, sinkPath);
    this.all.push(replica);
    return replica;
  }

  /** Every line of every sink, in the order in which they were emitted. */
  delivered(): readonly string[] {
    const emittedAt = (line: string): string => String(jsonLine(line)?.['emittedAt']);
    const lines = this.all.flatMap((replica) => replica.delivered());
    return lines
      .map((line) => [emittedAt(line), line] as const)
      .sort(([a], [b]) => Date.parse(a) - Date.parse(b))
      .map(([, line]) => line);
  }

  /** Every run of a flush of a shard, in the order in which they ran. */
  flushes(shard: string): readonly FlushRecord[] {
    return this.all
      .flatMap((replica) => replica.flushes())
      .filter((each) => each.shard === shard)
      .map(({ record }) => record)
      .sort((a, b) => Date.parse(a.ranAt) - Date.parse(b.ranAt));
  }
}
