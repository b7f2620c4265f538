import type { Silence } from '../core/alert/silence.ts';
import type { Log } from '../core/ports.ts';

/** A change that somebody asked for and did not get. */
export interface RefusedChange {
  readonly action: 'create' | 'delete' | 'read the file';
  /** Who asked, as far as it was said. */
  readonly by: string | null;
  /** What it was about: an id, the path of the file; null for one that was to be created. */
  readonly what: string | null;
  readonly reason: string;
}

/** The audit log of silences: one line a change, told apart by `audit: true`. The time is that of the line. */
export class SilenceAudit {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  created(silence: Silence): void {
    this.#tell('Silence created', { action: 'create', by: silence.author, silence });
  }

  deleted(silence: Silence, by: string): void {
    this.#tell('Silence deleted', { action: 'delete', by, silence });
  }

  expired(silence: Silence): void {
    this.#tell('Silence expired', { action: 'expire', by: null, silence });
  }

  added(silence: Silence, path: string): void {
    this.#tell('Silence added by the file', { action: 'create', by: silence.author, path, silence });
  }

  removed(silence: Silence, path: string): void {
    this.#tell('Silence removed from the file', { action: 'delete', by: null, path, silence });
  }

  refused({ action, by, what, reason }: RefusedChange): void {
    this.#tell('Change of silences refused', { action, refused: true, by, what, reason });
  }

  #tell(message: string, fields: Record<string, unknown>): void {
    this.#log.info(message, { audit: true, ...fields });
  }
}
