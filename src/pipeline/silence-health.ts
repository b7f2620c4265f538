import { formatMs } from '../core/time.ts';
import type { Finding } from './health-report.ts';
import type { SilenceFileStatus } from './silence-keeper.ts';

export interface SilenceStatus {
  /** In force, by where they were declared. */
  readonly api: number;
  readonly file: number;
  /** Null without SILENCES_PATH. */
  readonly fileStatus: SilenceFileStatus | null;
}

/** How many silences are in force, and why the file of them cannot be used. */
export function silenceCheck({ api, file, fileStatus }: SilenceStatus): Finding {
  const error = fileStatus?.lastError ?? null;
  const lastReadMs = fileStatus?.lastReadMs ?? null;
  const lastRead = lastReadMs === null ? null : formatMs(Math.round(lastReadMs));
  const consequence =
    lastRead === null ? 'none of it is in force' : `what was read of it until ${lastRead} stays in force`;
  return {
    componentId: 'silences',
    status: error === null ? 'pass' : 'warn',
    observedValue: api + file,
    observedUnit: 'silences in force',
    ...(error === null ? {} : { output: `${error.message}; ${consequence}` }),
    details: { api, file, fileLastRead: lastRead },
  };
}
