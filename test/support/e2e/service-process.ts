import type { Alert } from '../../../src/core/alert/alert.ts';
import type { HealthReport } from '../../../src/pipeline/health-report.ts';
import type { FlushRecord } from '../../../src/pipeline/views.ts';
import { formatMs } from '../../../src/core/time.ts';
import { flushAlerts } from './flush-rows.ts';
import { jsonLine, NodeProcess } from './node-process.ts';

/** A flush as it was logged, and the rows it sent. */
export interface Flushed {
  readonly flush: FlushRecord;
  readonly alerts: readonly Alert[];
}

/** `tidewatch serve` as a process of its own: alerts from stdout, the log from stderr, the rest over HTTP. */
export class ServiceProcess {
  readonly process: NodeProcess;
  readonly url: string;

  private constructor(process: NodeProcess, url: string) {
    this.process = process;
    this.url = url;
  }

  /** Starts the service on a free port; resolves when it listens. */
  static async start(environment: Readonly<Record<string, string>>): Promise<ServiceProcess> {
    const process = new NodeProcess(['src/main.ts', 'serve'], { HTTP_PORT: '0', ...environment });
    const url = await process.eventually('the service to listen', () => {
      const line = process.stderr.map(jsonLine).find((each) => each?.['msg'] === 'Listening');
      return line === undefined ? undefined : String(line['url']);
    });
    return new ServiceProcess(process, url);
  }

  /** Every alert on stdout. Throws when another line is there: stdout belongs to the alerts. */
  alerts(): Alert[] {
    return this.process.stdout.map((line) => JSON.parse(line) as Alert);
  }

  /** Every line of the log with this message. */
  logged(...messages: readonly string[]): Readonly<Record<string, unknown>>[] {
    return this.process.stderr
      .map(jsonLine)
      .filter((line) => line !== undefined)
      .filter((line) => messages.includes(String(line['msg'])));
  }

  /** The flushes it logged, oldest first. */
  flushLines(): FlushRecord[] {
    const lines = this.logged('Flushed', 'Flushed without waiting any longer for lagging partitions');
    return lines as unknown as FlushRecord[];
  }

  get(path: string): Promise<Response> {
    return fetch(`${this.url}${path}`);
  }

  async json<Value>(path: string): Promise<Value> {
    return (await (await this.get(path)).json()) as Value;
  }

  async metrics(): Promise<string> {
    return (await this.get('/metrics')).text();
  }

  health(): Promise<HealthReport> {
    return this.json('/health');
  }

  /** The flushes it lists, oldest first. */
  async flushes(): Promise<FlushRecord[]> {
    return (await this.json<{ items: FlushRecord[] }>('/flushes')).items.toReversed();
  }

  /** Waits for an answer, with the service's log if none comes. */
  eventually<Answer>(what: string, ask: () => Promise<Answer | undefined> | Answer | undefined): Promise<Answer> {
    return this.process.eventually(what, ask);
  }

  /** Waits until every partition of the hubs it reads is owned and has been read. */
  async reads(partitions: number): Promise<void> {
    await this.eventually(`${partitions} partitions to be read`, async () => {
      const checks = (await this.health()).checks['partition:lag'] ?? [];
      const read = checks.filter(({ details }) => details?.['owned'] === true && details['lastProgress'] !== null);
      return read.length === partitions ? true : undefined;
    });
  }

  /** Waits until it has caught up with what was enqueued before it started. */
  async isWarm(): Promise<void> {
    await this.eventually('the windows to be filled', async () => {
      const [check] = (await this.health()).checks['windows:warming'] ?? [];
      return check?.status === 'pass' ? true : undefined;
    });
  }

  /** Waits for the flush at a boundary, and for its alerts on stdout. */
  async flushed(windowEnd: number): Promise<Flushed> {
    return this.eventually(`the flush at ${formatMs(windowEnd)} with its alerts`, () => {
      const flush = this.flushLines().find((each) => each.windowEnd === formatMs(windowEnd));
      const alerts = flushAlerts(this.alerts(), windowEnd);
      return flush === undefined || alerts.length < flush.alerts ? undefined : { flush, alerts };
    });
  }

  /** Asks the service to end; the exit code. */
  stop(): Promise<number | null> {
    return this.process.stop();
  }
}
