import { decayedBelowAt, decayedConfidence } from './decay.ts';
import type { Indicator, Observable } from './indicator.ts';

/** The indicator with the confidence that it has at an instant. */
export function decayedAt(indicator: Indicator, atMs: number): Indicator {
  const { confidence, decaying } = indicator;
  if (confidence === null || decaying === undefined) return indicator;
  return { ...indicator, confidence: decayedConfidence(confidence, decaying, atMs - decaying.sinceMs) };
}

/** The first millisecond at which an indicator has less than a confidence because it decays; ∞ when it never has. */
export function loweredAt({ confidence, decaying }: Indicator, minConfidence: number): number {
  if (confidence === null || decaying === undefined) return Number.POSITIVE_INFINITY;
  return decayedBelowAt(confidence, decaying, minConfidence);
}

/** An observable that holds until an instant at most; itself when it or its indicator ends before. */
export function heldUntil(observable: Observable, { validUntilMs }: Indicator, untilMs: number): Observable {
  if (untilMs >= validUntilMs) return observable;
  const { startMs = Number.NEGATIVE_INFINITY, stopMs = Number.POSITIVE_INFINITY } = observable;
  return stopMs <= untilMs ? observable : { ...observable, startMs, stopMs: untilMs };
}
