import type { PartitionStatus, SourceError } from '../core/ports.ts';
import type { AllowListStatus } from './allow-list-refresh.ts';
import type { FeedStatus } from './feed-status.ts';
import type { SilenceStatus } from './silence-health.ts';
import type { ShardView } from './views.ts';

/** A bounded collection: how full it is and what was given up for it. */
export interface BoundStatus {
  /** The option that sets the limit, such as CANDIDATE_MAX_BYTES. */
  readonly option: string;
  readonly used: number;
  readonly limit: number;
  readonly unit: 'bytes' | 'items';
  /** What was given up since start because the bound was reached: "12 addresses evicted"; null for nothing. */
  readonly givenUp: string | null;
  /** Whether reaching this bound costs rows of matched addresses their detail, so that health fails. */
  readonly failsWhenReached: boolean;
}

export interface FlushStatus {
  /** The shard it is of; absent in the standalone topology. */
  readonly shard?: string;
  readonly lastWindowEndMs: number | null;
  readonly lastRanMs: number | null;
  readonly lastComplete: boolean;
  /** Partitions that the last flush did not wait for any longer. */
  readonly lagging: readonly string[];
  readonly nextWindowEndMs: number;
  /** From when the next flush is due: its window end, FLUSH_DELAY and FLUSH_MAX_WAIT later, it should have run. */
  readonly overdueFromMs: number;
  /** Partitions that the next flush waits for. */
  readonly waitingFor: readonly string[];
}

export interface DeadLetterStatus {
  readonly count: number;
  readonly dropped: number;
  readonly lastMs: number | null;
  /** Why the newest letters cannot be stored; null when they can. Their positions are not committed meanwhile. */
  readonly storeError: string | null;
}

export interface SinkStatus {
  readonly name: string;
  readonly waiting: number;
  /** When the oldest alert that waits was committed. */
  readonly oldestMs: number | null;
  /** Null once a delivery has succeeded after it. */
  readonly lastError: { readonly message: string; readonly at: number } | null;
  /** open: it failed several times in a row and is tried with one alert at a time; disabled: not until a new start. */
  readonly circuit: 'closed' | 'open' | 'disabled';
  /** Alerts that became dead letters in place of a delivery, since start. */
  readonly undelivered: number;
}

export interface SnapshotStatus {
  /** When the last state that is kept was taken; null when there is none. */
  readonly takenMs: number | null;
  /** Why the newest state cannot be kept; null when it can. Alerts and checkpoints wait meanwhile. */
  readonly error: string | null;
}

export interface LeaseStatus {
  readonly state: 'standby' | 'held' | 'lost';
  /** The process that is active while this one stands by. */
  readonly holder: string | null;
}

/** A shard of the sharded topology, as health sees it. */
export interface ShardHealth {
  readonly shard: string;
  readonly owner: string | null;
  readonly held: ShardView['held'];
  /** How long nobody has held it, in true milliseconds, as far as this process saw; null while somebody does. */
  readonly vacantMs: number | null;
  /** Age of what it told of itself last, where it is not held here. */
  readonly summaryAgeMs: number | null;
  /** Why its summary is missing or cannot be read. */
  readonly problem: string | null;
  /** Why it is held back until somebody helps. */
  readonly refusal: string | null;
}

/** What a replica of the sharded topology has beside what a standalone process has. */
export interface FleetHealth {
  /** Whether it holds shards: one that only routes judges nothing. */
  readonly correlates: boolean;
  readonly startError: SourceError | null;
  /** Partitions of the correlation hub that take nothing, and since when. */
  readonly sendErrors: readonly { readonly partition: string; readonly message: string; readonly sinceMs: number }[];
  readonly shards: readonly ShardHealth[];
  /** How long a shard may be held by nobody, in true milliseconds. */
  readonly leaseMs: number;
}

export interface HealthLimits {
  /** How long no partition may be read. */
  readonly readSilenceMs: number;
  /** How far a partition may trail. */
  readonly lagMs: number;
  /** How long a feed may go without an answer, in refresh intervals. */
  readonly feedIntervals: number;
  /** The share of a bound that counts as near. */
  readonly boundShare: number;
  /** How long a dead letter is news. */
  readonly deadLetterMs: number;
  readonly snapshotAgeMs: number;
  readonly lookbackMs: number;
}

/**
 * Limits that follow the configuration. On a fast clock the process still needs true seconds to read, so what measures
 * reading grows by its rate.
 */
export function healthLimits(config: {
  readonly lookback: number;
  readonly flushDelay: number;
  readonly speed: number;
}): HealthLimits {
  const rate = Math.max(1, config.speed);
  return {
    readSilenceMs: 60_000 * rate,
    lagMs: Math.max(config.flushDelay, 10_000 * rate),
    feedIntervals: 3,
    boundShare: 0.9,
    deadLetterMs: config.lookback,
    snapshotAgeMs: 300_000 * rate,
    lookbackMs: config.lookback,
  };
}

/** Everything health is judged by, as plain data. Times are milliseconds since 1970. */
export interface HealthInput {
  readonly version: string;
  readonly nowMs: number;
  /** When the process became active, or started while it is not. */
  readonly startedMs: number;
  readonly restoring: boolean;
  /** Whether every feed has loaded, a persisted set was restored, or TI_START_TIMEOUT passed. */
  readonly indexReady: boolean;
  /** When reading began; null before. */
  readonly readingSinceMs: number | null;
  /** Whether the windows are still being filled by reading LOOKBACK back. */
  readonly warming: boolean;
  readonly partitions: readonly PartitionStatus[];
  readonly sourceErrors: readonly (SourceError & { readonly hub: string })[];
  readonly feeds: readonly FeedStatus[];
  readonly allowLists: readonly AllowListStatus[];
  readonly windows: { readonly pinned: number; readonly candidates: number };
  readonly bounds: readonly BoundStatus[];
  /** Null for a process that holds no shard. */
  readonly flush: FlushStatus | null;
  readonly deadLetters: DeadLetterStatus;
  /** The most frequent unknown categories, "" for records without one. */
  readonly unknownCategories: readonly { readonly name: string; readonly count: number }[];
  readonly silences: SilenceStatus;
  readonly outbox: readonly SinkStatus[];
  /** Null before this process owns the state. */
  readonly snapshot: SnapshotStatus | null;
  /** Null before storage is open. */
  readonly lease: LeaseStatus | null;
  readonly limits: HealthLimits;
  /** Absent in the standalone topology. */
  readonly fleet?: FleetHealth;
}
