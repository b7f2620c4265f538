import type { Address, AddressRange } from '../address.ts';
import type { RangeSet } from '../address-range.ts';
import { parseObservableValue } from '../intel/observable-value.ts';
import type { Observable } from '../intel/indicator.ts';
import { readPattern } from '../intel/pattern.ts';
import { hasPrivatePrefix } from './private-prefix.ts';
import type { Repair, Repairs } from './repair.ts';
import type { TiVersion } from './ti-version.ts';

/** One value that a version of an indicator can match by, under some semantics or other. */
export interface TiTerm {
  readonly version: TiVersion;
  /** The constant of the pattern: what the rule's ObservableValue is. */
  readonly text: string;
  /** What the constant covers, null when it can only be compared as text. */
  readonly range: AddressRange | null;
  /** Repairs without which the semantics does not see the term. */
  readonly needs: readonly Repair[];
  /** A repair by which the semantics ceases to see the term. */
  readonly dropsWith: Repair | null;
  readonly startMs: number;
  readonly stopMs: number;
}

const always = { startMs: Number.NEGATIVE_INFINITY, stopMs: Number.POSITIVE_INFINITY };

/**
 * The constants that the rule sees as `ipv4-addr:value`: compared by `=`, alone or under OR. Comparisons under AND and
 * FOLLOWEDBY, and IN, give no row.
 */
export function kqlValues(pattern: string): ReadonlySet<string> {
  const values = readPattern(pattern).comparisons.filter(
    ({ path, form, underOrOnly }) => underOrOnly && form === 'equals' && path.toLowerCase() === 'ipv4-addr:value',
  );
  return new Set(values.map(({ value }) => value));
}

/** Every term of a version. */
export function termsOf(version: TiVersion, excluded: RangeSet): TiTerm[] {
  const { indicator } = version;
  const values = indicator.skipped.includes('not_stix_pattern') ? new Set<string>() : kqlValues(indicator.pattern);
  const terms: TiTerm[] = indicator.observables.map((observable) => ({
    version,
    text: observable.value,
    range: observable.range,
    needs: needsOf(observable, values.has(observable.value)),
    dropsWith: null,
    startMs: observable.startMs ?? always.startMs,
    stopMs: observable.stopMs ?? always.stopMs,
  }));
  for (const text of values) {
    const seen = terms.some((term) => term.text === text && term.needs.length === 0);
    if (!seen && text !== '') terms.push(textTerm(version, text, excluded));
  }
  return terms;
}

/** What keeps the rule from seeing an observable. */
function needsOf({ range, key }: Observable, isKqlValue: boolean): Repair[] {
  const isRange = range.first !== range.last;
  if (isKqlValue && key === 'ipv4-addr') return isRange ? ['range'] : [];
  const needs: Repair[] = [];
  if (typeof range.first === 'bigint') needs.push('ipv6');
  if (isRange) needs.push('range');
  if (key === 'network-traffic' || needs.length === 0) needs.push('observable-kind');
  return needs;
}

/** A value of the rule that the service sees otherwise or not at all. */
function textTerm(version: TiVersion, text: string, excluded: RangeSet): TiTerm {
  const range = parseObservableValue(text);
  if (range === null || range.first !== range.last) {
    return { version, text, range: null, needs: [], dropsWith: 'address-form', ...always };
  }
  const isIndexed = version.indicator.observables.some((other) => other.range.first === range.first && isSingle(other));
  return { version, text, range, needs: [], dropsWith: isIndexed ? null : lossOf(version, range, excluded), ...always };
}

/** Why the service does not index an address that the rule sees. */
function lossOf({ indicator }: TiVersion, range: AddressRange, excluded: RangeSet): Repair {
  if (excluded.covers(range)) return 'excluded-range';
  return indicator.skipped.includes('repeats') ? 'pattern-qualifier' : 'observable-kind';
}

function isSingle({ range }: Observable): boolean {
  return range.first === range.last;
}

export function isTermSeen(term: TiTerm, at: number, repairs: Repairs): boolean {
  if (term.dropsWith !== null && repairs.has(term.dropsWith)) return false;
  if (!term.needs.every((repair) => repairs.has(repair))) return false;
  if (repairs.has('pattern-qualifier') && (at < term.startMs || at >= term.stopMs)) return false;
  return repairs.has('private-prefix') || !hasPrivatePrefix(term.text);
}

/** Whether a term is met by a caller address; `address` is what `text`, as delivered, reads as. */
export function meets(
  term: TiTerm,
  text: string,
  canonical: string,
  address: Address | null,
  repairs: Repairs,
): boolean {
  const { range } = term;
  if (range === null) return term.text === text && !repairs.has('address-form');
  if (!repairs.has('address-form')) {
    if (range.first === range.last) return term.text === text;
    if (text !== canonical) return false;
  }
  return address !== null && isWithin(range, address);
}

function isWithin({ first, last }: AddressRange, address: Address): boolean {
  return typeof first === typeof address && first <= address && address <= last;
}
