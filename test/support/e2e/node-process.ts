import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';

/** How long a condition is waited for before the test gives up and shows what the processes said. */
const patienceMs = 150_000;

/** Lines of each process that a failure shows. */
const shownLines = 60;

const lookMs = 50;

/** A Node process of this repository, with everything it printed. It gets no more of the environment than it must. */
export class NodeProcess {
  readonly stdout: string[] = [];
  readonly stderr: string[] = [];
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.#name = args.join(' ');
    const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env;
    this.#child = spawn(process.execPath, [...args], {
      env: { PATH, HOME, TMPDIR, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new Error(`Cannot read what ${this.#name} prints: it has no pipes`);
    createInterface({ input: stdout }).on('line', (line) => this.stdout.push(line));
    createInterface({ input: stderr }).on('line', (line) => this.stderr.push(line));
    // 'close' comes when the pipes are read out, so that no line is missing then.
    this.#ended = new Promise((resolve) => this.#child.once('close', () => resolve()));
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** The exit code once the process has ended and everything it printed is here; null when a signal ended it. */
  async ended(): Promise<number | null> {
    await this.#ended;
    return this.#child.exitCode;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Asks the process to end and waits until it has; one that does not is killed. The exit code. */
  async stop(): Promise<number | null> {
    if (!this.hasEnded) this.signal('SIGTERM');
    const ended = this.ended();
    if ((await Promise.race([ended, pause(40_000, 'late', { ref: false })])) === 'late') this.signal('SIGKILL');
    return ended;
  }

  /**
   * Looks again until there is an answer. Throws when the process ends or patience does, with what it said.
   * What `ask` throws counts as no answer yet.
   */
  async eventually<Answer>(
    what: string,
    ask: () => Promise<Answer | undefined> | Answer | undefined,
    withinMs = patienceMs,
  ): Promise<Answer> {
    const limit = AbortSignal.timeout(withinMs);
    let cause: unknown = null;
    while (!limit.aborted && !this.hasEnded) {
      try {
        const answer = await ask();
        if (answer !== undefined) return answer;
        cause = null;
      } catch (error) {
        cause = error;
      }
      await pause(lookMs);
    }
    if (this.hasEnded) await this.#ended;
    const reason = this.hasEnded ? 'the process had ended' : `${withinMs / 1000} s had passed`;
    throw new Error(`Cannot wait any longer for ${what} as ${reason}\n${this.report()}`, { cause });
  }

  /** What it said last. */
  report(): string {
    const [out, error] = [this.stdout, this.stderr].map((lines) => lines.slice(-shownLines).join('\n'));
    return `--- ${this.#name}, stdout\n${out}\n--- ${this.#name}, stderr\n${error}`;
  }
}

/** The JSON object of a line, undefined when it holds none. */
export function jsonLine(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
