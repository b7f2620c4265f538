import { expect } from 'vitest';
import type { HealthReport, HealthStatus } from '../../../src/pipeline/health-report.ts';
import type { Environment } from './failing-environment.ts';
import { jsonLine } from './node-process.ts';
import { ServiceProcess } from './service-process.ts';

export interface Failure {
  readonly environment: Environment;
  /** Of the whole, and of the check that tells it. */
  readonly status: HealthStatus;
  /** The check that tells it and its component, such as "source:error" and "storage". */
  readonly check: string;
  readonly component: string;
  /** What health and log say: what failed, what was answered, and what mends it. */
  readonly message: RegExp;
  readonly level: 'warn' | 'error';
}

let started = 0;

/** A service with something wrong: what its health and its log say of it. */
export class FailingService {
  readonly service: ServiceProcess;
  readonly #secrets: readonly string[];

  private constructor(service: ServiceProcess, secrets: readonly string[]) {
    this.service = service;
    this.#secrets = secrets;
  }

  /** Starts a service that waits no longer than 2 s for its feeds, and goes on from no other one's state. */
  static async start(environment: Environment, secrets: readonly string[]): Promise<FailingService> {
    started += 1;
    const own = { TI_START_TIMEOUT: '2s', STATE: `blob:state-${started}/` };
    return new FailingService(await ServiceProcess.start({ ...own, ...environment }), secrets);
  }

  /** Waits until health and log tell a failure as they shall. */
  async tells({ status, check, component, message, level }: Omit<Failure, 'environment'>): Promise<void> {
    await this.service.eventually(`${component} to be ${status} in ${check} of health`, async () => {
      const response = await this.service.get('/health');
      const report = (await response.json()) as HealthReport;
      const found = (report.checks[check] ?? []).find(({ componentId }) => componentId === component);
      if (found?.status !== status || !message.test(found.output ?? '')) return undefined;
      expect(report.status).toBe(status);
      expect(response.status).toBe(status === 'fail' ? 503 : 200);
      expect(report.notes.some((note) => message.test(note))).toBe(true);
      return true;
    });
    expect(this.logs(level).filter((line) => message.test(line))).not.toEqual([]);
    expect((await this.service.get('/health/live')).status).toBe(200);
  }

  /** Waits until health tells nothing worse than that the windows are being filled. */
  async recovers(): Promise<void> {
    await this.service.eventually('everything but the filling of the windows to pass', async () => {
      const { checks } = await this.service.health();
      const bad = Object.entries(checks).filter(
        ([name, list]) => name !== 'windows:warming' && list.some(({ status }) => status !== 'pass'),
      );
      return bad.length === 0 && (checks['partition:lag'] ?? []).length > 0 ? true : undefined;
    });
  }

  /** Texts of the lines of a level: message and cause. */
  logs(level: string): readonly string[] {
    const lines = this.service.process.stderr.map(jsonLine).filter((line) => line?.['level'] === level);
    return lines.map((line) => [line?.['msg'], line?.['cause']].filter((part) => typeof part === 'string').join(': '));
  }

  /** Ends the service; holds that it ends well, that its log is JSON and that nothing it ever said holds a secret. */
  async stop(): Promise<void> {
    const said = [JSON.stringify(await this.service.health()), await this.service.metrics()];
    const code = await this.service.stop();
    const { stdout, stderr } = this.service.process;
    said.push(...stdout, ...stderr);
    for (const secret of this.#secrets) expect(said.filter((text) => text.includes(secret))).toEqual([]);
    expect(stderr.filter((line) => jsonLine(line) === undefined)).toEqual([]);
    expect(stdout).toEqual([]);
    expect(code).toBe(0);
  }
}
