import type { Decay } from './decay.ts';
import type { Indicator } from './indicator.ts';

/** How much the word of a feed counts. Decided anew for what is held, so a change of it needs no new fetch. */
export interface FeedPolicy {
  /** What confidence is multiplied by, 0 to 1. */
  readonly weight: number;
  /** Whether `revoked` ends an indicator. */
  readonly allowRevocation: boolean;
  readonly decay: Decay | null;
  /** Whether descriptions and patterns of TLP:RED go into alerts. */
  readonly allowRedDescription: boolean;
}

/** A confidence times a weight: a whole number, halves rounded up, also where binary fractions miss the half. */
export function weighConfidence(confidence: number, weight: number): number {
  return Math.round(Number((confidence * weight).toFixed(6)));
}

/** What a feed says of an indicator, as its policy lets it count. What the policy leaves out is as it is by default. */
export function applyPolicy(indicator: Indicator, policy: Partial<FeedPolicy>): Indicator {
  const { weight = 1, allowRevocation = true, decay = null, allowRedDescription = false } = policy;
  if (weight === 1 && allowRevocation && decay === null && !allowRedDescription) return indicator;
  const { confidence, revoked, modifiedMs, validFromMs } = indicator;
  const isWhole = weight === 1 && decay === null;
  return {
    ...indicator,
    ...(isWhole || confidence === null
      ? {}
      : { confidence: weighConfidence(confidence, weight), statedConfidence: confidence }),
    ...(decay === null ? {} : { decaying: { ...decay, sinceMs: Math.max(modifiedMs, validFromMs ?? modifiedMs) } }),
    ...(revoked && !allowRevocation ? { revoked: false, revocationIgnored: true as const } : {}),
    ...(allowRedDescription ? { redAllowed: true as const } : {}),
  };
}

/** The confidence that a feed itself gives an indicator, or lends it; null without one. */
export function statedConfidenceOf({ statedConfidence, confidence }: Indicator): number | null {
  return statedConfidence ?? confidence;
}

/** Whether a feed itself revokes an indicator. */
export function isStatedRevoked({ revoked, revocationIgnored }: Indicator): boolean {
  return revoked || revocationIgnored === true;
}

/** Whether the description and the pattern of an indicator stay out of alerts. */
export function isWithheld({ tlp, redAllowed }: Indicator): boolean {
  return tlp === 'RED' && redAllowed !== true;
}
