import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './condition.ts';

/** Fails with how to get the programs when one of them is not installed. */
export function requirePrometheus(): void {
  for (const program of ['prometheus', 'promtool']) {
    const { error, status } = spawnSync(program, ['--version'], { stdio: 'ignore' });
    if (error !== undefined || status !== 0) {
      throw new Error(`Cannot run ${program} as it is not installed: apt-get install prometheus`);
    }
  }
}

/** What `promtool check metrics` has to say of an exposition; "" when it has no complaint. */
export function complaintsOf(body: string): string {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: body, encoding: 'utf8' });
  const said = `${stdout}${stderr}`.trim();
  return status === 0 ? said : said || `promtool ended with ${String(status)}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: unknown;
}

interface Target {
  readonly health: string;
  readonly lastError: string;
}

/** A real Prometheus on loopback that scrapes one target every second; its data is gone when it stops. */
export class LocalPrometheus {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #url: string;

  private constructor(process: ChildProcess, folder: string, url: string) {
    this.#process = process;
    this.#folder = folder;
    this.#url = url;
  }

  static async start(metricsUrl: string): Promise<LocalPrometheus> {
    const { host, pathname } = new URL(metricsUrl);
    const folder = mkdtempSync(join(tmpdir(), 'tidewatch-prometheus-'));
    const config = {
      global: { scrape_interval: '1s', scrape_timeout: '1s' },
      scrape_configs: [{ job_name: 'tidewatch', metrics_path: pathname, static_configs: [{ targets: [host] }] }],
    };
    // JSON is YAML.
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=${address}`,
        '--log.level=error',
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const prometheus = new LocalPrometheus(child, folder, `http://${address}`);
    try {
      await until('the first scrape', () => prometheus.#isUp());
    } catch (cause) {
      await prometheus.stop();
      throw cause;
    }
    return prometheus;
  }

  async #get(path: string): Promise<unknown> {
    if (this.#process.exitCode !== null) throw new Error(`Prometheus ended with ${this.#process.exitCode}`);
    const response = await fetch(`${this.#url}${path}`);
    const answer = (await response.json()) as Answer;
    if (answer.status !== 'success') throw new Error(`Prometheus answered ${answer.error ?? answer.status}`);
    return answer.data;
  }

  async #isUp(): Promise<true | undefined> {
    const { activeTargets } = (await this.#get('/api/v1/targets')) as { readonly activeTargets: readonly Target[] };
    const [target] = activeTargets;
    if (target?.health === 'up') return true;
    throw new Error(`Target is ${target?.health ?? 'missing'}: ${target?.lastError ?? ''}`);
  }

  /** The value of an expression that answers one series; undefined when it answers none. */
  async query(expression: string): Promise<number | undefined> {
    const path = `/api/v1/query?query=${encodeURIComponent(expression)}`;
    const { result } = (await this.#get(path)) as { readonly result: readonly { readonly value: [number, string] }[] };
    if (result.length > 1) throw new Error(`Expression answers ${result.length} series, one was wanted: ${expression}`);
    const [series] = result;
    return series === undefined ? undefined : Number(series.value[1]);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exit = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await exit;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
