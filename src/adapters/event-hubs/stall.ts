import { patience } from './client-settings.ts';

/** What is known of a reader, in true milliseconds; null for what never happened. */
export interface ReaderSigns {
  /** When the reader was started. */
  readonly startedAt: number;
  /** When it last handed over events. */
  readonly eventsAt: number | null;
  /** When it last handed over anything, an empty batch included. */
  readonly batchAt: number | null;
  /** Whether a handler runs now: then the reader waits for us. */
  readonly handling: boolean;
  /** Since when management reads have shown events that were not taken. */
  readonly behindSince: number | null;
}

/**
 * Whether a reader has stalled: a read shows that there is something, nobody holds it back, and nothing has come for
 * the whole patience (azure-sdk-for-js#22115: a partition silently stops). A busy handler is back-pressure, not a stall.
 */
export function hasStalled(signs: ReaderSigns, now: number, patienceMs: number = patience.stall): boolean {
  if (signs.handling || signs.behindSince === null) return false;
  return now - Math.max(signs.behindSince, signs.eventsAt ?? signs.startedAt) >= patienceMs;
}

/** Whether a reader was started and never showed a sign of life: the client retries a refusal in silence. */
export function isSilent(signs: ReaderSigns, now: number, patienceMs: number = patience.silentLink): boolean {
  return signs.batchAt === null && !signs.handling && now - signs.startedAt >= patienceMs;
}

/** Whether the load balancer has stopped looking at ownership, as when it waits a minute for a lost answer. */
export function hasBalancerStopped(listedAt: number, now: number, leaseMs: number): boolean {
  return now - listedAt >= Math.max(leaseMs, patience.stall);
}

/** Distance in true milliseconds to the next new client after `attempts` that did not help. */
export function recreateDelay(attempts: number): number {
  return Math.min(patience.recreateMost, patience.recreate * 2 ** Math.min(attempts, 10));
}
