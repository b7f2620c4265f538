import type { Alert, AlertActivity } from './alert/alert.ts';
import type { OpenFinding } from './alert/open-finding.ts';
import type { SourceErrorCode } from './source-error-code.ts';
import type { StixObject } from './intel/stix-object.ts';

/**
 * What the shell needs from the world. Adapters implement these; pipeline and app.ts use them. Times are milliseconds
 * since 1970 unless a name says otherwise.
 */

export interface Clock {
  now(): number;
  /** Resolves at or after the instant, or at once when the signal aborts; never rejects. */
  sleepUntil(at: number, signal: AbortSignal): Promise<void>;
}

/** True time, never scaled: for what the network and the disk take. */
export interface RealTime {
  /** Milliseconds on a clock that only runs forward; good for differences alone. */
  nowMs(): number;
  /** Resolves after the delay, or at once when the signal aborts; never rejects. */
  delay(ms: number, signal?: AbortSignal): Promise<void>;
}

export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** One log of one hub: what positions, marks and watermarks belong to. */
export interface Origin {
  readonly namespace: string;
  readonly hub: string;
  readonly partition: string;
  /** created_at of the hub; a recreated hub is another origin. */
  readonly incarnation: number;
}

/** Unique text of an origin. */
export function originKey(origin: Origin): string {
  return `${origin.namespace}/${origin.hub}/${origin.partition}@${origin.incarnation}`;
}

export interface SourceEvent {
  readonly body: Uint8Array;
  readonly sequenceNumber: number;
  /** Opaque; only good for resuming. */
  readonly offset: string;
  readonly enqueuedMs: number;
}

/** Place of the last event taken from a partition. */
export interface Position {
  readonly sequenceNumber: number;
  readonly offset: string;
  readonly enqueuedMs: number;
}

export interface SourceListener {
  /** Takes events in order. The source hands over the next batch of the partition when the promise resolves. Never rejects. */
  readonly onEvents: (origin: Origin, events: readonly SourceEvent[]) => Promise<void>;
  /** A management read that started at `readStartedMs` showed that everything enqueued by then was handed over. */
  readonly onCaughtUp: (origin: Origin, readStartedMs: number) => void;
  /** The partitions of every configured hub are known. */
  readonly onPartitions: (origins: readonly Origin[]) => void;
}

export interface SourceError {
  readonly code: SourceErrorCode;
  /** What failed, with the text the service answered and the option that mends it. */
  readonly message: string;
  /** When it was last known to hold. */
  readonly at: number;
}

export interface PartitionStatus {
  readonly origin: Origin;
  /** Identifier of the process that reads it, null when nobody is known to. */
  readonly owner: string | null;
  readonly owned: boolean;
  readonly position: Position | null;
  /** Events enqueued and not yet taken; null until a management read told. */
  readonly lagEvents: number | null;
  readonly lagSeconds: number | null;
  /** When the last event was taken or the partition was found caught up. */
  readonly lastProgressMs: number | null;
  /** When the partition's reader last showed a sign of life: events, or a management read that succeeded. */
  readonly lastReadMs: number | null;
  /** The oldest enqueued time still held when reading began, when retention had cut events that the lookback wanted. */
  readonly seesSinceMs: number | null;
  readonly error: SourceError | null;
}

/** Positions by originKey(). */
export type Positions = ReadonlyMap<string, Position>;

export interface EventSource {
  /**
   * Begins to hand over events, of each partition from its restored position on, or from `readFromMs` (enqueued time)
   * where there is none; resolves when reading has begun or a first attempt has failed (then it goes on trying). A hub
   * of which only another incarnation has positions was recreated: hub_reset, unless it may be read anew.
   */
  start(listener: SourceListener, restored: Positions, readFromMs: number): Promise<void>;
  /** Says that positions are durable, so that checkpoints may follow them; never ahead of them. */
  checkpoint(positions: Positions): void;
  status(): readonly PartitionStatus[];
  /** Errors that belong to no single partition: a wrong key, a missing hub. One a hub, newest. */
  errors(): readonly (SourceError & { readonly hub: string })[];
  /** Asks nothing more of the service and waits for handlers that run, at most `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

export type FeedErrorCode =
  'unauthorized' | 'not_found' | 'unreachable' | 'invalid_answer' | 'too_large' | 'rate_limited' | 'no_progress';

/** Some of the objects that a poll brings. */
export interface FeedPage {
  readonly objects: readonly StixObject[];
  /** Whether what the poll brought before this page is void, since it comes anew. */
  readonly again: boolean;
}

/** What a poll found: nothing of it counts unless the pages end as they should. */
export interface FeedUpdate {
  /** Whether the pages are everything the feed holds: what they do not name is then deleted. */
  readonly full: boolean;
  /**
   * The objects, each page fetched when it is asked for, and at their end the cursor, opaque, to be handed back at the
   * next poll. Throws FeedError.
   */
  readonly pages: AsyncGenerator<FeedPage, string | null, undefined>;
}

export interface IndicatorFeed {
  readonly name: string;
  /** Everything new since the cursor, or everything when it is null. Throws FeedError. */
  poll(cursor: string | null, signal: AbortSignal): Promise<FeedUpdate>;
}

/** An alert as one sink wants it. */
export interface SinkDocument {
  /** Id of the alert: a sink that is given it twice may tell. */
  readonly id: string;
  readonly findingKey: string;
  readonly activity: AlertActivity;
  /** ISO 8601, UTC. */
  readonly emittedAt: string;
  readonly text: string;
}

/** What a sink takes at once. Bytes are those of the documents in UTF-8, alone. */
export interface SinkLimits {
  readonly batchMax: number;
  readonly batchBytesMax: number;
  readonly documentBytesMax: number;
}

/** Of a sink that takes documents of any length. */
export const unlimitedBytes = {
  batchBytesMax: Number.POSITIVE_INFINITY,
  documentBytesMax: Number.POSITIVE_INFINITY,
} as const satisfies Partial<SinkLimits>;

/** How often a sink is told of the findings that are open, and in which form. */
export interface Reminder {
  readonly everyMs: number;
  readonly encode: (finding: OpenFinding, nowMs: number) => string;
}

export interface AlertSink {
  readonly name: string;
  readonly limits: SinkLimits;
  /** Whether it is told nothing of silenced alerts: for them encode() gives null, and they count as skipped. */
  readonly skipsSilenced?: boolean;
  /** The document of an alert; null when the sink wants nothing of it. */
  encode(alert: Alert): string | null;
  /** Of a sink that forgets: it is told of all open findings again and again. */
  readonly reminder?: Reminder;
  /**
   * Delivers committed documents in order, within the limits. Resolves when the sink has taken them all; rejects with
   * SinkError when it has not, and may then have taken some. Ends early, rejecting, when the signal aborts.
   */
  deliver(documents: readonly SinkDocument[], signal: AbortSignal): Promise<void>;
  /**
   * Tries what a delivery needs (its place, the credentials, the right to write), as far as the protocol lets that be
   * known without sending anything that reads as an alert. What was found, in words; rejects with SinkError, which names
   * the setting that mends it.
   */
  check?(signal: AbortSignal): Promise<string>;
  close(): Promise<void>;
}

export interface DeadLetter {
  readonly stream: string;
  readonly partition: string;
  readonly sequenceNumber: number;
  readonly index: number;
  readonly reason: string;
  readonly enqueuedAt: string;
  readonly text: string;
}

export interface DeadLetterStore {
  /** Resolves when the letters are durable. */
  append(letters: readonly DeadLetter[]): Promise<void>;
  /** The newest letters, newest first. */
  recent(limit: number): Promise<readonly DeadLetter[]>;
  /** Letters dropped because the store was full, since start. */
  dropped(): number;
}

/** What a head held when it was read, and the tag that a write of it must match. */
export interface StoredHead {
  readonly bytes: Uint8Array;
  readonly tag: string;
}

/** Somebody else wrote the head since it was read: whoever finds this out no longer owns the state. */
export class HeadConflictError extends Error {
  override readonly name = 'HeadConflictError';
}

/**
 * Keeps the state of one shard: one mutable head, and immutable blobs that it names. Every method rejects with
 * StateStoreError when the store fails, and may then be tried again.
 */
export interface StateStore {
  readHead(): Promise<StoredHead | null>;
  /**
   * Replaces the head if its tag still matches; null expects none to be there. The new tag; throws HeadConflictError.
   * After a StateStoreError it is open whether the write took effect: repeating it on the same store object with the same
   * bytes and tag finds its own write and succeeds, other bytes conflict with it.
   */
  writeHead(bytes: Uint8Array, tag: string | null): Promise<string>;
  /** Writes an immutable blob. Writing the same name again is allowed only with the same bytes (a retried write). */
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Null when there is no such blob. */
  get(name: string): Promise<Uint8Array | null>;
  /** Deleting what is not there is no error. */
  delete(name: string): Promise<void>;
  /** Names of all blobs, the head left out. */
  list(): Promise<readonly string[]>;
}

/** name_taken: put() found other bytes under the name. */
export type StateStoreErrorCode = 'unauthorized' | 'unavailable' | 'full' | 'name_taken' | 'unknown';

/** A store that refused or did not answer. */
export class StateStoreError extends Error {
  override readonly name = 'StateStoreError';
  readonly code: StateStoreErrorCode;
  readonly retryable: boolean;

  constructor(code: StateStoreErrorCode, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
    this.retryable = code !== 'unauthorized' && code !== 'name_taken';
  }
}

/** The right to be the one active process, held until it is lost or released. */
export interface HeldLease {
  /** Aborts when the lease is lost: renewals failed for its duration, or somebody else holds it. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

export interface Lease {
  /** Waits until the lease is free and takes it; null when the signal aborts first. `onWait` tells once that it waits. */
  acquire(signal: AbortSignal, onWait: (holder: string) => void): Promise<HeldLease | null>;
}

/** What taking a lease came to; `holder` names who holds it. */
export type LeaseAnswer = { readonly taken: true } | { readonly taken: false; readonly holder: string };

/**
 * One process's hand on a lease that a service keeps for a fixed duration. Methods reject with StateStoreError when the
 * service refuses or does not answer within seconds: whether they took effect is then open.
 */
export interface LeaseRecord {
  /** Takes the lease, or takes it anew if this hand holds it. */
  take(): Promise<LeaseAnswer>;
  /** Holds it for another duration; false when this hand does not hold it any more. */
  renew(): Promise<boolean>;
  /** Frees the lease if this hand holds it. */
  free(): Promise<void>;
  /** Frees the lease whoever holds it: the holder's next renewal is refused. Absent where that is not possible. */
  break?(): Promise<void>;
}
