import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import type { StixObject } from '../../../src/core/intel/stix-object.ts';
import type { Clock } from '../../../src/core/ports.ts';
import { jsonLine, NodeProcess } from './node-process.ts';

export interface StackProcessOptions {
  readonly speed?: number;
  readonly partitions?: number;
  /** Partitions of a correlation hub; none when absent. */
  readonly shards?: number;
  readonly indicators: readonly StixObject[];
}

/** An event that is written past the wire; its enqueued time is the broker's now unless it is given. */
export interface WrittenEvent {
  readonly partition: string;
  readonly body: string;
  readonly enqueuedMs?: number;
}

interface StackLine {
  readonly environment: Readonly<Record<string, string>> & { readonly EVENTHUB_CONNECTION_STRING: string };
  readonly controlUrl: string;
  readonly objectsUrl: string;
}

/** `npm run stack` as a process of its own, reached only by what it prints. */
export class StackProcess {
  readonly process: NodeProcess;
  readonly clock: Clock;
  readonly #line: StackLine;
  readonly #folder: string;

  private constructor(process: NodeProcess, line: StackLine, folder: string) {
    this.process = process;
    this.#line = line;
    this.#folder = folder;
    const { SPEED = '1', SPEED_ORIGIN = '1970-01-01T00:00:00Z' } = line.environment;
    this.clock = systemClock({ speed: Number(SPEED), originMs: Date.parse(SPEED_ORIGIN) });
  }

  static async start({ speed = 1, partitions = 2, shards, indicators }: StackProcessOptions): Promise<StackProcess> {
    const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-stack-'));
    const file = path.join(folder, 'indicators.json');
    writeFileSync(file, JSON.stringify({ type: 'bundle', id: 'bundle--1', objects: indicators }));
    const numbers = ['--speed', String(speed), '--partitions', String(partitions), '--control-port', '0'];
    if (shards !== undefined) numbers.push('--shards', String(shards));
    const process = new NodeProcess(['src/dev/main.ts', 'stack', ...numbers, '--indicators', file]);
    const line = await process.eventually('the line of the stack', () => jsonLine(process.stdout[0] ?? ''));
    return new StackProcess(process, line as unknown as StackLine, folder);
  }

  /** What a service or a client needs to reach the stack. */
  get environment(): StackLine['environment'] {
    return this.#line.environment;
  }

  /** Calls a fault of the broker. */
  async fault(name: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const response = await fetch(`${this.#line.controlUrl}/faults/${name}`, {
      method: 'POST',
      body: JSON.stringify(args),
    });
    if (!response.ok) throw new Error(`Cannot call fault ${name}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** Writes events into the partitions' logs, whatever state the wire is in. */
  async write(hub: string, events: readonly WrittenEvent[]): Promise<void> {
    await this.fault('append', { hub, events });
  }

  /** Adds objects to the TAXII collection that the feed polls. */
  async add(objects: readonly StixObject[]): Promise<void> {
    const { objectsUrl, environment } = this.#line;
    const [feed] = JSON.parse(environment['TI_FEEDS'] ?? '[]') as { auth: { basic: Record<string, string> } }[];
    const { username = '', password = '' } = feed?.auth.basic ?? {};
    const type = 'application/taxii+json;version=2.1';
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const response = await fetch(objectsUrl, {
      method: 'POST',
      headers: { accept: type, 'content-type': type, authorization },
      body: JSON.stringify({ objects }),
    });
    if (!response.ok) throw new Error(`Cannot add objects: ${response.status} ${await response.text()}`);
  }

  /** Resolves when the stack's clock has passed an instant. */
  async passes(at: number): Promise<void> {
    await this.clock.sleepUntil(at, new AbortController().signal);
  }

  async stop(): Promise<void> {
    await this.process.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
