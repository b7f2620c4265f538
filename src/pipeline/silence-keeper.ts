import type { Digest } from '../core/alert/alert-id.ts';
import { readSilenceFile, type SilenceFileSource } from '../core/alert/silence-file.ts';
import type { Silences } from '../core/alert/silences.ts';
import type { Clock, RealTime } from '../core/ports.ts';
import type { SilenceAudit } from './silence-audit.ts';

/** How often it looks for silences that are over, and for a change of the file, in true milliseconds. */
const sweepMs = 1000;
const fileLooks = 5;

/** How the file of SILENCES_PATH stands. */
export interface SilenceFileStatus {
  readonly path: string;
  /** When it was last read; null while it never was, so that none of it is in force. */
  readonly lastReadMs: number | null;
  /** Null once a reading has succeeded after it. */
  readonly lastError: { readonly message: string; readonly at: number } | null;
}

export interface SilenceKeeperOptions {
  readonly silences: Silences;
  /** Null without SILENCES_PATH. */
  readonly file: SilenceFileSource | null;
  readonly isActive: () => boolean;
  readonly clock: Clock;
  readonly realTime: RealTime;
  readonly digest: Digest;
  readonly audit: SilenceAudit;
}

/**
 * Removes silences that are over, and keeps those of the file as the file has them. What was read stays in force while
 * the file cannot be used.
 */
export class SilenceKeeper {
  readonly #options: SilenceKeeperOptions;
  #fingerprint: string | null = null;
  #lastReadMs: number | null = null;
  #lastError: SilenceFileStatus['lastError'] = null;

  constructor(options: SilenceKeeperOptions) {
    this.#options = options;
  }

  /** Null without a file. */
  get fileStatus(): SilenceFileStatus | null {
    const { file } = this.#options;
    return file === null ? null : { path: file.path, lastReadMs: this.#lastReadMs, lastError: this.#lastError };
  }

  /** Looks after the silences until the signal aborts. Call readFile() before what it holds is needed. */
  async run(signal: AbortSignal): Promise<void> {
    const { realTime } = this.#options;
    const isOver = async (): Promise<boolean> => {
      await realTime.delay(sweepMs, signal);
      return signal.aborted;
    };
    for (let looks = 1; !(await isOver()); looks += 1) {
      this.sweep();
      if (looks % fileLooks === 0) await this.readFile();
    }
  }

  /** Only who owns the state may change it: a standby would tell of the same ends once more. */
  sweep(): void {
    const { silences, isActive, clock, audit } = this.#options;
    if (!isActive()) return;
    for (const silence of silences.sweep(Math.round(clock.now()))) audit.expired(silence);
  }

  /** Reads the file, and takes it into use when it is another one than before and whole. */
  async readFile(): Promise<void> {
    const { file, clock } = this.#options;
    if (file === null) return;
    try {
      const { fingerprint, text } = await file.read(this.#fingerprint);
      if (text !== null) this.#use(file.path, text);
      this.#fingerprint = fingerprint;
      this.#lastReadMs = clock.now();
      this.#lastError = null;
    } catch (cause) {
      this.#fail(file.path, cause instanceof Error ? cause.message : String(cause));
    }
  }

  #use(path: string, text: string): void {
    const { silences, clock, digest, audit } = this.#options;
    const read = readSilenceFile(text, Math.round(clock.now()), digest);
    if ('problems' in read) throw new Error(silenceFileMessage(path, read.problems));
    const { added, removed } = silences.replaceFile(read.silences);
    for (const silence of added) audit.added(silence, path);
    for (const silence of removed) audit.removed(silence, path);
  }

  /** Says so once for each thing that is wrong. */
  #fail(path: string, message: string): void {
    const { clock, audit } = this.#options;
    if (message !== this.#lastError?.message)
      audit.refused({ action: 'read the file', by: null, what: path, reason: message });
    this.#lastError = { message, at: clock.now() };
  }
}

/** What is wrong with a file, in one text. */
export function silenceFileMessage(path: string, problems: readonly string[]): string {
  const shown = problems.slice(0, 10).join('; ');
  const more = problems.length > 10 ? `; and ${problems.length - 10} more` : '';
  return `Cannot use the silences of ${path}: ${shown}${more}: check SILENCES_PATH`;
}
