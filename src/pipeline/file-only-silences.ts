import type { RefusedChange, SilenceAudit } from './silence-audit.ts';
import type { SilenceAnswer, SilenceChanges } from './silence-views.ts';

/** Refuses changes of silences where shards are apart: each would keep its own, and a request reaches one replica only. */
export class FileOnlySilences implements SilenceChanges {
  readonly #audit: SilenceAudit;

  constructor(audit: SilenceAudit) {
    this.#audit = audit;
  }

  create(): Promise<SilenceAnswer> {
    return Promise.resolve(refusal('add a silence'));
  }

  end(): Promise<SilenceAnswer> {
    return Promise.resolve(refusal('delete a silence'));
  }

  refused(change: RefusedChange): void {
    this.#audit.refused(change);
  }
}

function refusal(what: string): SilenceAnswer {
  const detail = `Cannot ${what} by the API with CORRELATION_HUB set, as its shards are apart: give every replica the file of SILENCES_PATH`;
  return { refusal: { code: 'of_file', detail } };
}
