import type { Log, RealTime, SourceError } from '../../core/ports.ts';

/** Least distance in true milliseconds of two log lines about the same trouble. */
const quietMs = 60_000;

/** Causes of errors that belong to the whole hub. */
export const hubCauses = ['configuration', 'management', 'ownership', 'checkpoint', 'reader', 'credit'] as const;

/** The cause of errors of one partition. */
export function causeOf(partition: string): string {
  return `partition ${partition}`;
}

/** The cause of what was lost of one partition, which no later reading mends. */
export function lossOf(partition: string): string {
  return `events of partition ${partition}`;
}

interface Entry {
  error: SourceError;
  count: number;
  loggedAt: number;
  loggedCount: number;
}

/**
 * The standing errors of a hub, one per cause, and their log: a cause is logged when it appears, at most once a minute
 * with its count while it lasts, and when it has gone. The client reports a lasting trouble once a cycle and partition.
 */
export class ErrorJournal {
  readonly #entries = new Map<string, Entry>();
  readonly #log: Log;
  readonly #time: RealTime;
  readonly #hub: string;

  constructor(options: { readonly hub: string; readonly log: Log; readonly time: RealTime }) {
    this.#hub = options.hub;
    this.#log = options.log;
    this.#time = options.time;
  }

  /** `cause` names where the error came from: "management", "ownership", "reader", or one of these and a partition. */
  report(cause: string, error: SourceError): void {
    const now = this.#time.nowMs();
    const known = this.#entries.get(cause);
    if (known?.error.code !== error.code) {
      this.#entries.set(cause, { error, count: 1, loggedAt: now, loggedCount: 1 });
      this.#log.error(error.message, { hub: this.#hub, code: error.code, cause });
      return;
    }
    known.error = error;
    known.count += 1;
    if (now - known.loggedAt < quietMs) return;
    this.#log.error(error.message, {
      hub: this.#hub,
      code: error.code,
      cause,
      repeated: known.count - known.loggedCount,
    });
    known.loggedAt = now;
    known.loggedCount = known.count;
  }

  clear(cause: string): void {
    const entry = this.#entries.get(cause);
    if (entry === undefined) return;
    this.#entries.delete(cause);
    this.#log.info('Reading recovered', { hub: this.#hub, code: entry.error.code, cause, count: entry.count });
  }

  of(cause: string): SourceError | null {
    return this.#entries.get(cause)?.error ?? null;
  }

  /** Takes an error back whose partition is no longer there. */
  forget(cause: string): void {
    this.#entries.delete(cause);
  }

  /** The newest error of the causes. */
  newest(causes: readonly string[]): SourceError | null {
    const errors = causes.flatMap((cause) => this.of(cause) ?? []);
    return errors.reduce<SourceError | null>(
      (best, error) => (best === null || error.at >= best.at ? error : best),
      null,
    );
  }
}
