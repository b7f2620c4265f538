import { covers } from '../address-block.ts';
import type { Address, AddressRange } from '../address.ts';
import type { Indicator } from './indicator.ts';
import { isTooWide, parseObservableValue } from './observable-value.ts';
import { readPattern } from './pattern.ts';
import { isDestination } from './pattern-meaning.ts';

/** Why a pattern that names an address gives no observable of it. */
export const hidingReasons = [
  'invalid_object',
  'pattern_invalid',
  'pattern_too_large',
  'and_undecidable',
  'followed_by',
  'repeats',
  'dst_ref',
  'range_too_wide',
] as const;
export type HidingReason = (typeof hidingReasons)[number];

/** An address or a range that a pattern names without making an observable of it. */
export interface NamedValue {
  readonly range: AddressRange;
  /** As written in the pattern. */
  readonly value: string;
  readonly reason: HidingReason;
}

const barriers = ['and_undecidable', 'followed_by', 'repeats'] as const satisfies readonly HidingReason[];

/** The first of the reasons why an indicator may name addresses that are none of its observables; null without one. */
export function hidingReason({ skipped, pattern }: Indicator): HidingReason | null {
  if (pattern === '' || skipped.length === 0) return null;
  return hidingReasons.find((reason) => skipped.includes(reason)) ?? null;
}

/**
 * A comment, or a string with what stands between its quotes. One without an end goes to the end of the text, so that
 * nothing is looked at twice.
 */
const commentOrString = /\/\*(?:[^]*?\*\/|[^]*)|\/\/[^\r\n]*|'([^'\\]*(?:\\[^][^'\\]*)*)(?:'|\\?$)/g;

interface Constant {
  readonly range: AddressRange;
  readonly value: string;
}

/** The strings of a pattern that cover an address, whether it can be parsed or not. */
function constantsCovering(pattern: string, address: Address): Constant[] {
  const found: Constant[] = [];
  commentOrString.lastIndex = 0;
  for (let match = commentOrString.exec(pattern); match !== null; match = commentOrString.exec(pattern)) {
    const quoted = match[1] ?? '';
    // Every address has one of them; reading what is none costs more than all the rest.
    if (!/[.:]/.test(quoted)) continue;
    const value = quoted.includes('\\') ? quoted.replace(/\\(['\\])/g, '$1') : quoted;
    const range = parseObservableValue(value);
    if (range !== null && covers(range, address)) found.push({ range, value });
  }
  return found;
}

/**
 * What the pattern of an indicator names at an address beyond its observables, read anew as a feed with this `useDstRef`
 * reads it: such is only ever asked for, so a million of them need not be kept.
 */
export function namedValues(indicator: Indicator, useDstRef: boolean, address: Address): readonly NamedValue[] {
  const fallback = hidingReason(indicator);
  if (fallback === null) return [];
  // Some twenty times faster than parsing, which only those few need that may name the address.
  const constants = constantsCovering(indicator.pattern, address);
  if (constants.length === 0) return [];
  const { comparisons, observables, observations } = readPattern(indicator.pattern);
  if (observations === 0) return constants.map((constant) => ({ ...constant, reason: fallback }));
  const decided = new Set(observables.map(({ comparison }) => comparison));
  const barrier = barriers.find((reason) => indicator.skipped.includes(reason));
  return comparisons.flatMap((comparison): NamedValue[] => {
    const { value, path } = comparison;
    const range = parseObservableValue(value);
    if (range === null || !covers(range, address)) return [];
    if (indicator.skipped.includes('invalid_object')) return [{ range, value, reason: 'invalid_object' }];
    if (!decided.has(comparison)) return [{ range, value, reason: barrier ?? fallback }];
    if (!useDstRef && isDestination(path)) return [{ range, value, reason: 'dst_ref' }];
    return isTooWide(range) ? [{ range, value, reason: 'range_too_wide' }] : [];
  });
}
