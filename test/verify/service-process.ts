import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';

type JsonLine = Readonly<Record<string, unknown>>;

/** A Node process of this repository that prints JSON lines. */
export class ServiceProcess {
  readonly #process: ChildProcess;
  readonly #name: string;
  /** The last lines it printed, for whoever asks why. */
  readonly #tail: string[] = [];

  constructor(args: readonly string[], environment: Readonly<Record<string, string>>) {
    this.#name = args.join(' ');
    this.#process = spawn(process.execPath, [...args], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const lines of this.#outputs()) lines.on('line', (line) => this.#remember(line));
  }

  #outputs(): Interface[] {
    return [this.#process.stdout, this.#process.stderr].flatMap((input) =>
      input === null ? [] : [createInterface({ input })],
    );
  }

  #remember(line: string): void {
    this.#tail.push(line);
    if (this.#tail.length > 20) this.#tail.shift();
  }

  /** The first JSON line that is wanted. Rejects when the process ends before. */
  waitFor<Line extends JsonLine>(isWanted: (line: JsonLine) => boolean): Promise<Line> {
    return new Promise((resolve, reject) => {
      for (const lines of this.#outputs()) {
        lines.on('line', (text) => {
          const line = parsed(text);
          if (line !== null && isWanted(line)) resolve(line as Line);
        });
      }
      this.#process.once('exit', (code, signal) => {
        reject(new Error(`${this.#name} ended with ${String(code ?? signal)}:\n${this.#tail.join('\n')}`));
      });
    });
  }

  /** Resolves with the exit code once the process has ended by itself. */
  async ended(): Promise<number | null> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, 'exit');
    return this.#process.exitCode;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill('SIGTERM');
    await this.ended();
  }
}

function parsed(text: string): JsonLine | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as JsonLine) : null;
  } catch {
    return null;
  }
}
