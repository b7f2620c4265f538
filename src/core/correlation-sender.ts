/** The hub that carries observations from routers to shards, one shard a partition. */
export interface CorrelationHub {
  readonly namespace: string;
  readonly hub: string;
  /** created_at of the hub; a recreated hub is another. */
  readonly incarnation: number;
  readonly partitions: readonly string[];
}

/**
 * Why the hub did not take an event or could not be read. `too_large` and `refused` are final for an event; all others
 * may pass.
 */
export const correlationErrorCodes = [
  'unauthorized',
  'not_found',
  'throttled',
  'unreachable',
  'too_large',
  'refused',
  'aborted',
] as const;
export type CorrelationErrorCode = (typeof correlationErrorCodes)[number];

export interface CorrelationErrorDetails {
  /** How long the service asked to be left alone, in milliseconds. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** A send or read that failed. The message names the hub, what the service answered and the option that mends it. */
export class CorrelationError extends Error {
  override readonly name = 'CorrelationError';
  readonly code: CorrelationErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;

  constructor(code: CorrelationErrorCode, message: string, details: CorrelationErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.retryable = code !== 'too_large' && code !== 'refused';
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}

/** Sends to the correlation hub, one attempt at a time and no retries: order and repetition are the caller's. */
export interface CorrelationSender {
  /** What the hub is now. Rejects with CorrelationError. */
  read(signal: AbortSignal): Promise<CorrelationHub>;
  /**
   * Sends one event to a partition: resolves when the hub acknowledged it. Rejects with CorrelationError within seconds;
   * it is then open whether the hub took the event. The caller has at most one send in flight per partition and repeats
   * a failed one before anything else.
   */
  send(partition: string, body: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Ends sends under way, which reject. Never rejects. */
  close(): Promise<void>;
}
