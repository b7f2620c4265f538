import type { LoadBalancingOptions, RetryOptions, SubscribeOptions } from '@azure/event-hubs';

/**
 * The settings of the client. Its defaults leave a partition deaf for a minute after a dropped connection and half a
 * minute after a detached link, so each is set (measured with @azure/event-hubs 6.0.4).
 */

/**
 * A reader retries by itself for as long as the service is away: it is back half a second after the service is. Its
 * errors are silent meanwhile; the management reads and the link probe are what tells them.
 */
export function readerRetry(): RetryOptions {
  return { maxRetries: 100, retryDelayInMs: 500, timeoutInMs: 10_000 };
}

/** One attempt: an answer, a refusal or a time-out, told at once. */
export function singleAttempt(): RetryOptions {
  return { maxRetries: 0, retryDelayInMs: 0, timeoutInMs: 5000 };
}

/** One attempt to send: delivery waits and tries again by itself, with the pause that the service asked for. */
export function sendAttempt(): RetryOptions {
  return { maxRetries: 0, retryDelayInMs: 0, timeoutInMs: 10_000 };
}

/** One attempt to send that must not keep others waiting: what follows in the partition waits for its answer. */
export function sendOnce(): RetryOptions {
  return { maxRetries: 0, retryDelayInMs: 0, timeoutInMs: 4000 };
}

/** Ownership is renewed at least five times before it runs out, so one slow answer of the storage loses nothing. */
export function loadBalancing(leaseMs: number): LoadBalancingOptions {
  return {
    strategy: 'greedy',
    updateIntervalInMs: Math.min(2000, Math.max(200, Math.floor(leaseMs / 5))),
    partitionOwnershipExpirationIntervalInMs: leaseMs,
  };
}

/**
 * How shared ownership is kept: it is renewed every `cycleMs` and runs out `expiryMs` after its last renewal was seen. An
 * owner that died is replaced within `expiryMs` and two cycles, less than the lease of its state lasts: 9 to 13 seconds at
 * a lease of 15.
 */
export function sharing(leaseMs: number): { readonly expiryMs: number; readonly cycleMs: number } {
  return {
    expiryMs: Math.floor(leaseMs * 0.6),
    cycleMs: Math.min(2000, Math.max(100, Math.floor((leaseMs * 2) / 15))),
  };
}

export const maxBatchSize = 200;

/**
 * Events that may wait in memory per partition. The client adds a batch's worth every 45 ms or so, so fewer than a
 * thousand bound the throughput of small events.
 */
export const prefetchEvents = 2000;

/** Bytes that may wait in memory per partition, and over all partitions. */
export const prefetchBytes = { perPartition: 16 * 1024 ** 2, all: 256 * 1024 ** 2 } as const;

/**
 * maxWaitTimeInSeconds is what ends the wait of a receiver whose connection dropped, and what paces the empty batches
 * that ask for a management read.
 */
export const readerOptions = {
  maxBatchSize,
  prefetchCount: prefetchEvents,
  maxWaitTimeInSeconds: 1,
  skipParsingBodyAsJson: true,
  trackLastEnqueuedEventProperties: true,
} as const satisfies SubscribeOptions;

/** Distances in true milliseconds between the looks at a partition or a hub. */
export const pace = {
  /** Between two rounds of the watch. */
  round: 250,
  /** Management reads of a partition whose last batch was empty: each may find it caught up. */
  idleRead: 1000,
  /** Management reads of a partition that is busy, or of which nothing is heard: for its lag. */
  busyRead: 5000,
  /** Reads of the hub: its created_at, its partitions, and whether the key is still good. */
  hubRead: 15_000,
  /** The same while the hub cannot be read. */
  hubRetry: 1000,
  /** Checkpoint blobs of a partition. */
  checkpoint: 1000,
} as const;

/** Bounds in true milliseconds past which something is held to be broken. */
export const patience = {
  /** A partition that is behind and takes nothing. */
  stall: 10_000,
  /** A reader that was started and has shown neither events nor an empty batch: its link is probed. */
  silentLink: 6000,
  /** A management read, with the opening of its connection. */
  read: 8000,
  /** A request to the storage that shared ownership waits for, with its repetition. */
  storage: 4000,
  /** A send to the correlation hub, with the opening of its connection and link. */
  send: 6000,
  /** Closing of a client, which may never settle (azure-sdk-for-js#34731). */
  close: 3000,
  /** Least distance of two new clients of a hub, doubled while they do not help. */
  recreate: 5000,
  recreateMost: 60_000,
} as const;
