import { covers } from '../address-block.ts';
import type { Address, AddressRange } from '../address.ts';
import { Shortlist } from '../shortlist.ts';
import { type AdmissionRule, refusal } from './admission.ts';
import { decayedAt, heldUntil, loweredAt } from './confidence.ts';
import type { HeldFeed } from './feed-indicators.ts';
import { type Indicator, isValidAt, type Observable, type Sighting, sightingOf } from './indicator.ts';
import { hidingReason, hidingReasons, namedValues } from './named-value.ts';
import { compareSightings } from './sighting-order.ts';

/** Why an indicator that names an address does not count at an instant. Closed: the API carries it. */
export const explanationReasons = [
  'revoked',
  ...hidingReasons,
  'unscored',
  'low_confidence',
  'excluded_range',
  'not_yet_valid',
  'decayed',
  'expired',
] as const;
export type ExplanationReason = (typeof explanationReasons)[number];

/** One address or range by which an indicator names the address. */
export interface Naming {
  readonly range: AddressRange;
  /** As written in the pattern. */
  readonly value: string;
  /** Where the indicator holds by this one, ms since 1970: START and STOP of the pattern narrow it. */
  readonly validFromMs: number | null;
  readonly validUntilMs: number;
  /** Why it does not count by this one; null when it does. */
  readonly reason: ExplanationReason | null;
}

/** An indicator that names the address, and whether it counts. */
export interface NamingIndicator {
  /** With the confidence that it has at the instant. */
  readonly indicator: Indicator;
  /** Why it does not count; null when it does, by at least one of its namings. */
  readonly reason: ExplanationReason | null;
  /** Those that count first; at least one. */
  readonly namings: readonly Naming[];
}

export interface Explanation {
  /** How many indicators name the address. */
  readonly named: number;
  /** How many of them count: they are what a lookup gives that is valid now. */
  readonly counting: number;
  /** Those that do not count, by reason. */
  readonly reasons: ReadonlyMap<ExplanationReason, number>;
  /** Those that count first, each part best first; at most `explainedMax`. */
  readonly indicators: readonly NamingIndicator[];
}

/** Most indicators that an explanation lists: an address may be named by all there are. */
export const explainedMax = 100;

/** Indicators passed between two pauses. */
const stride = 64;

/** Characters of a pattern whose scan takes as long as passing an indicator. */
const charactersPerStep = 32;

function reasonAt(sighting: Sighting, rule: AdmissionRule, atMs: number, loweredMs: number): ExplanationReason | null {
  const { indicator, observable } = sighting;
  const refused = refusal(indicator, rule);
  if (refused !== null) return refused;
  if (rule.excluded.covers(observable.range)) return 'excluded_range';
  if (isValidAt(indicator, atMs)) return null;
  if (indicator.validUntilMs > atMs) return 'not_yet_valid';
  return indicator.validUntilMs === loweredMs ? 'decayed' : 'expired';
}

function namingOf(indicator: Indicator, observable: Observable, rule: AdmissionRule, atMs: number): Naming {
  const loweredMs = loweredAt(indicator, rule.minConfidence);
  const sighting = sightingOf(indicator, heldUntil(observable, indicator, loweredMs));
  const { validFromMs, validUntilMs } = sighting.indicator;
  const { range, value } = observable;
  return { range, value, validFromMs, validUntilMs, reason: reasonAt(sighting, rule, atMs, loweredMs) };
}

/** What hides an address in a pattern comes before what is wrong with the indicator, unless it was taken back. */
function hiddenNamings(indicator: Indicator, useDstRef: boolean, address: Address): Naming[] {
  const { revoked, validFromMs, validUntilMs } = indicator;
  return namedValues(indicator, useDstRef, address).map(({ range, value, reason }) => ({
    range,
    value,
    validFromMs,
    validUntilMs,
    reason: revoked ? 'revoked' : reason,
  }));
}

/** Stands for where an indicator names the address: id and source tell any two apart, so it is never asked for. */
const anywhere: Observable = { range: { first: 0, last: 0 }, value: '', key: 'ipv4-addr' };

/** Those that count before those that do not, each in the order of an alert. */
function compareNaming(a: NamingIndicator, b: NamingIndicator): number {
  const byCount = Number(a.reason !== null) - Number(b.reason !== null);
  const sightingBy = ({ indicator }: NamingIndicator): Sighting => ({ indicator, observable: anywhere });
  return byCount || compareSightings(sightingBy(a), sightingBy(b));
}

const nothing: readonly Naming[] = [];

/** Where an indicator names the address; those that count first. */
function namingsOf(
  indicator: Indicator,
  useDstRef: boolean,
  address: Address,
  rule: AdmissionRule,
  atMs: number,
): readonly Naming[] {
  const hidden = hidingReason(indicator) === null ? nothing : hiddenNamings(indicator, useDstRef, address);
  // Nearly all name something else: for them nothing is made.
  if (hidden.length === 0 && !indicator.observables.some(({ range }) => covers(range, address))) return nothing;
  const seen = indicator.observables.filter(({ range }) => covers(range, address));
  const namings = [...seen.map((observable) => namingOf(indicator, observable, rule, atMs)), ...hidden];
  return namings.sort((a, b) => Number(a.reason !== null) - Number(b.reason !== null));
}

/** How much work one indicator is. */
function workOf(indicator: Indicator): number {
  const reading = hidingReason(indicator) === null ? 0 : indicator.pattern.length / charactersPerStep;
  return Math.max(1, indicator.observables.length) + reading;
}

/**
 * Says of every held indicator that names an address whether it counts at an instant, and why not: it counts exactly if
 * the index over what is held gives a valid sighting of it. In slices.
 */
export function* explainAddress(
  feeds: readonly HeldFeed[],
  address: Address,
  rule: AdmissionRule,
  atMs: number,
): Generator<undefined, Explanation> {
  const shown = new Shortlist(explainedMax, compareNaming);
  const reasons = new Map<ExplanationReason, number>();
  let [work, counting] = [0, 0];
  for (const { content, complete } of feeds) {
    for (const held of content.held) {
      work += workOf(held.indicator);
      if (work >= stride) {
        yield;
        work = 0;
      }
      const namings = namingsOf(held.indicator, content.settings.useDstRef, address, rule, atMs);
      const [best] = namings;
      if (best === undefined) continue;
      const { reason } = best;
      if (reason === null) counting += 1;
      else reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      shown.add({ indicator: decayedAt(complete(held), atMs), reason, namings });
    }
  }
  return { named: shown.total, counting, reasons, indicators: shown.list() };
}
