/**
 * Why a sink did not take what it was given. `refused` and `too_large` are final for a document: the sink will not take
 * it however often it is sent. `disabled` ends all sending until the process starts anew. All others may pass.
 */
export type SinkErrorCode =
  'unauthorized' | 'not_found' | 'rate_limited' | 'unavailable' | 'refused' | 'too_large' | 'disabled';

const final: ReadonlySet<SinkErrorCode> = new Set<SinkErrorCode>(['refused', 'too_large', 'disabled']);

export interface SinkErrorDetails {
  /** How long the sink asked to be left alone, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A delivery that failed. The message names the sink, what was asked, what was answered and what mends it. */
export class SinkError extends Error {
  override readonly name = 'SinkError';
  readonly code: SinkErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;

  constructor(code: SinkErrorCode, message: string, details: SinkErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.retryable = !final.has(code);
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}
