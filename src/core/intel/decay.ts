/**
 * How confidence falls with age, by the polynomial of MISP: base × (1 − (age / lifetime)^(1 / speed)). OpenCTI's is the
 * same with a speed of 3 × pound (decayRule-domain.ts).
 */
export interface Decay {
  readonly lifetimeMs: number;
  /** MISP's decay_speed δ, above 0: the smaller, the longer the confidence stays high. */
  readonly speed: number;
}

/** The decay of one indicator. */
export interface Decaying extends Decay {
  /** From when on it falls: the newest of modified and valid_from, ms since 1970. */
  readonly sinceMs: number;
}

/** A confidence at an age: a whole number, halves rounded up; 0 from the lifetime on. */
export function decayedConfidence(base: number, { lifetimeMs, speed }: Decay, ageMs: number): number {
  if (ageMs >= lifetimeMs) return 0;
  return Math.round(ageMs <= 0 ? base : base * (1 - (ageMs / lifetimeMs) ** (1 / speed)));
}

/** How far a computed crossing may lie from the exact one, ms. */
const nearMs = 2;

/**
 * The first whole millisecond at which a confidence has fallen below another one; ∞ when it never does. As it only
 * falls, it is below ever after.
 */
export function decayedBelowAt(base: number, decaying: Decaying, least: number): number {
  if (least <= 0) return Number.POSITIVE_INFINITY;
  const { sinceMs, lifetimeMs, speed } = decaying;
  const isBelow = (atMs: number): boolean => decayedConfidence(base, decaying, atMs - sinceMs) < least;
  let [kept, below] = [Math.floor(sinceMs), Math.ceil(sinceMs + lifetimeMs)];
  if (isBelow(kept)) return kept;
  // Rounding keeps it for half a point longer.
  const left = Math.max(0, 1 - (Math.ceil(least) - 0.5) / base);
  const guess = Math.round(sinceMs + lifetimeMs * left ** speed);
  if (guess - nearMs > kept && !isBelow(guess - nearMs)) kept = guess - nearMs;
  if (guess + nearMs < below && isBelow(guess + nearMs)) below = guess + nearMs;
  while (below - kept > 1) {
    const middle = Math.floor((kept + below) / 2);
    if (isBelow(middle)) below = middle;
    else kept = middle;
  }
  return below;
}
