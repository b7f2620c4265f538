import { fileURLToPath } from 'node:url';
import type { HubOptions } from '../../../src/dev/broker/hub.ts';
import { jsonLine, NodeProcess } from '../e2e/node-process.ts';

export interface BrokerOptions {
  readonly hubs: readonly HubOptions[];
  /** Where the logs outlive the process. */
  readonly folder: string;
  readonly port: number;
  readonly controlPort: number;
  readonly speed: number;
  readonly originMs: number;
}

const entry = new URL('./broker-main.ts', import.meta.url);

interface BrokerLine {
  readonly connectionString: string;
  readonly controlUrl: string;
}

/** A broker that can be killed and started again under the same address, with everything it had acknowledged. */
export class BrokerProcess {
  readonly #options: BrokerOptions;
  #process: NodeProcess;
  #line: BrokerLine;

  private constructor(options: BrokerOptions, process: NodeProcess, line: BrokerLine) {
    this.#options = options;
    this.#process = process;
    this.#line = line;
  }

  static async start(options: BrokerOptions): Promise<BrokerProcess> {
    const { process, line } = await launch(options);
    return new BrokerProcess(options, process, line);
  }

  get connectionString(): string {
    return this.#line.connectionString;
  }

  /** Ends the process at once; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#process.signal('SIGKILL');
    await this.#process.ended();
  }

  async startAgain(): Promise<void> {
    const { process, line } = await launch(this.#options);
    this.#process = process;
    this.#line = line;
  }

  /** Calls a fault of the broker. */
  async fault(name: string, args: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const url = `${this.#line.controlUrl}/faults/${name}`;
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(args) });
    if (!response.ok) throw new Error(`Cannot call fault ${name}: ${response.status} ${await response.text()}`);
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}

async function launch(options: BrokerOptions): Promise<{ readonly process: NodeProcess; readonly line: BrokerLine }> {
  const process = new NodeProcess([fileURLToPath(entry), JSON.stringify(options)]);
  const line = await process.eventually('the line of the broker', () => jsonLine(process.stdout[0] ?? ''));
  return { process, line: line as unknown as BrokerLine };
}
