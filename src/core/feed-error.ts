import type { FeedErrorCode } from './ports.ts';

export interface FeedErrorDetails {
  /** Whether the same poll can succeed later without anybody changing anything. By default the code decides. */
  readonly retryable?: boolean;
  /** How long the feed asked us to stay away, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

const passing: ReadonlySet<FeedErrorCode> = new Set<FeedErrorCode>(['unreachable', 'rate_limited']);

/**
 * Why a poll brought nothing. The message names the feed, what was asked, what was answered and, where a setting mends
 * it, that setting. A poll that throws has changed nothing: the next one starts from the cursor committed before.
 */
export class FeedError extends Error {
  override readonly name = 'FeedError';
  readonly code: FeedErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: FeedErrorCode, message: string, details: FeedErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.retryable = details.retryable ?? passing.has(code);
    this.retryAfterMs = details.retryAfterMs;
  }
}
