import type { Observable, SkipReason } from './indicator.ts';
import { parseObservableValue } from './observable-value.ts';
import type { Comparison, Observations, Test } from './pattern-tree.ts';

/** One comparison of an address path with one constant, as the pattern states it. */
interface PatternComparison {
  /** Object path, such as `ipv4-addr:value`. */
  readonly path: string;
  readonly form: 'equals' | 'in' | 'issubset';
  /** The constant as written. */
  readonly value: string;
  /**
   * Whether only OR, parentheses and qualifiers stand between the comparison and the whole pattern. False under AND and
   * FOLLOWEDBY.
   */
  readonly underOrOnly: boolean;
  /** Which observation expression (`[…]`) of the pattern it stands in, counted from 0. */
  readonly observation: number;
}

export interface PatternObservable extends Observable {
  readonly comparison: PatternComparison;
}

/** What a pattern means for one caller address. */
export interface PatternReading {
  /** The addresses and ranges any of which fulfils the pattern. */
  readonly observables: readonly PatternObservable[];
  /** Every `=`, IN and ISSUBSET on an address path that is not negated, also where it makes no observable. */
  readonly comparisons: readonly PatternComparison[];
  /** How many observation expressions the pattern has; 0 when it could not be parsed. */
  readonly observations: number;
  /** Why the pattern or a part of it matches no caller; empty when all of it can. */
  readonly skipped: readonly SkipReason[];
}

/** Object paths that hold the address of one end of something observed, in folded spelling. */
const addressPaths: ReadonlyMap<string, Observable['key']> = new Map([
  ['ipv4-addr:value', 'ipv4-addr'],
  ['ipv6-addr:value', 'ipv6-addr'],
  ['network-traffic:src_ref.value', 'network-traffic'],
  ['network-traffic:dst_ref.value', 'network-traffic'],
]);

const forms: Partial<Record<Test['comparator'], PatternComparison['form']>> = {
  '=': 'equals',
  IN: 'in',
  ISSUBSET: 'issubset',
};

/** Tells a path that names the destination of traffic, which is weak evidence of a caller. */
export function isDestination(path: string): boolean {
  return path.toLowerCase() === 'network-traffic:dst_ref.value';
}

interface Place {
  readonly underOrOnly: boolean;
  /** The operator around it that one observed address cannot fulfil. */
  readonly barrier: SkipReason | null;
  readonly startMs: number | undefined;
  readonly stopMs: number | undefined;
}

const top: Place = { underOrOnly: true, barrier: null, startMs: undefined, stopMs: undefined };

/** The end of traffic whose type or value a path names, in folded spelling; null for any other path. */
function endOf(path: string): string | null {
  return /^(network-traffic:(?:src|dst)_ref)\.(?:type|value)$/.exec(path.toLowerCase())?.[1] ?? null;
}

/** Whether a test only says which kind of object a reference leads to, as MISP writes beside every address. */
function isReferenceType(node: Comparison): node is Test {
  return (
    node.kind === 'test' &&
    node.comparator === '=' &&
    !node.negated &&
    endOf(node.path) !== null &&
    node.path.toLowerCase().endsWith('.type')
  );
}

/** What an AND joins, through parentheses that only group it. */
function conjuncts(operands: readonly Comparison[]): Comparison[] {
  return operands.flatMap((operand) => (operand.kind === 'and' ? conjuncts(operand.operands) : [operand]));
}

class Meaning {
  readonly observables: PatternObservable[] = [];
  readonly comparisons: PatternComparison[] = [];
  readonly skipped = new Set<SkipReason>();
  observations = 0;
  /** Tests of address paths so far, whatever came of them. */
  #addressTests = 0;
  /** Every AND around a node asks anew: nested ones would cost the depth times the length. */
  readonly #onlyEnds = new Map<Comparison, string | null>();

  readObservations(node: Observations, place: Place): void {
    switch (node.kind) {
      case 'observation':
        this.#readComparison(node.comparison, place);
        this.observations += 1;
        return;
      case 'qualified':
        this.#readQualified(node, place);
        return;
      case 'or':
        for (const operand of node.operands) this.readObservations(operand, place);
        return;
      case 'and':
      case 'followed-by': {
        const barred = { ...place, underOrOnly: false };
        this.#behind(node.kind === 'and' ? 'and_undecidable' : 'followed_by', barred, (behind) => {
          for (const operand of node.operands) this.readObservations(operand, behind);
        });
      }
    }
  }

  /** Reads what stands behind a barrier, which is the reason for every address there; without one there is no address. */
  #behind(barrier: SkipReason, place: Place, read: (place: Place) => void): void {
    const before = this.#addressTests;
    read({ ...place, barrier: place.barrier ?? barrier });
    if (place.barrier === null && this.#addressTests === before) this.skipped.add('no_address');
  }

  #readQualified({ operand, qualifier }: Extract<Observations, { kind: 'qualified' }>, place: Place): void {
    switch (qualifier.kind) {
      case 'within':
        // One observation lies within any span of time.
        this.readObservations(operand, place);
        return;
      case 'repeats':
        if (qualifier.times === 1) this.readObservations(operand, place);
        else this.#behind('repeats', place, (behind) => this.readObservations(operand, behind));
        return;
      case 'start-stop': {
        const startMs = Math.max(place.startMs ?? Number.NEGATIVE_INFINITY, qualifier.startMs);
        const stopMs = Math.min(place.stopMs ?? Number.POSITIVE_INFINITY, qualifier.stopMs);
        this.readObservations(operand, { ...place, startMs, stopMs });
      }
    }
  }

  #readComparison(node: Comparison, place: Place): void {
    if (node.kind === 'test') this.#readTest(node, place);
    else if (node.kind === 'or') for (const operand of node.operands) this.#readComparison(operand, place);
    else this.#readAnd(conjuncts(node.operands), { ...place, underOrOnly: false });
  }

  /**
   * `x_ref.type = 'ipv4-addr' AND x_ref.value = '…'` says no more than the value alone. Any other AND asks for
   * something that an Azure record does not tell.
   */
  #readAnd(operands: readonly Comparison[], place: Place): void {
    const types = operands.filter(isReferenceType);
    const rest = operands.filter((operand) => !isReferenceType(operand));
    const [value] = rest;
    const [type] = types;
    if (value !== undefined && rest.length === 1 && type !== undefined) {
      const end = endOf(type.path);
      if ([...types, value].every((operand) => this.#onlyEnd(operand) === end)) {
        const named = types.every(({ literals }) => /^ipv[46]-addr$/i.test(literals[0]?.text ?? ''));
        if (named) this.#readComparison(value, place);
        else this.skipped.add('no_address');
        return;
      }
    }
    this.#behind('and_undecidable', place, (behind) => {
      for (const operand of operands) this.#readComparison(operand, behind);
    });
  }

  /** The one end of traffic that all comparisons below a node speak of; null when they speak of more or of other things. */
  #onlyEnd(node: Comparison): string | null {
    if (node.kind === 'test') return endOf(node.path);
    const known = this.#onlyEnds.get(node);
    if (known !== undefined) return known;
    const [first = null, ...others] = node.operands.map((operand) => this.#onlyEnd(operand));
    const end = others.every((other) => other === first) ? first : null;
    this.#onlyEnds.set(node, end);
    return end;
  }

  #readTest(test: Test, place: Place): void {
    const key = addressPaths.get(test.path.toLowerCase());
    if (key === undefined) {
      if (place.barrier === null) this.skipped.add('no_address');
      return;
    }
    this.#addressTests += 1;
    const form = test.negated ? undefined : forms[test.comparator];
    if (place.barrier !== null) this.skipped.add(place.barrier);
    else if (form === undefined) this.skipped.add(comparisonReason(test));
    if (form === undefined) return;
    if (test.literals.length === 0 && place.barrier === null) this.skipped.add('no_address');
    for (const literal of test.literals) {
      if (literal.kind !== 'string') {
        if (place.barrier === null) this.skipped.add('address_invalid');
        continue;
      }
      const { underOrOnly } = place;
      const comparison = { path: test.path, form, value: literal.text, underOrOnly, observation: this.observations };
      this.comparisons.push(comparison);
      if (place.barrier === null) this.#readValue(comparison, key, place);
    }
  }

  #readValue(comparison: PatternComparison, key: Observable['key'], { startMs, stopMs }: Place): void {
    const range = parseObservableValue(comparison.value);
    if (range === null) {
      this.skipped.add('address_invalid');
      return;
    }
    const window = startMs === undefined || stopMs === undefined ? {} : { startMs, stopMs };
    this.observables.push({ range, value: comparison.value, key, comparison, ...window });
  }
}

function comparisonReason({ comparator, negated }: Test): SkipReason {
  if (negated || comparator === '!=') return 'negated';
  return comparator === 'LIKE' || comparator === 'MATCHES' ? 'like_or_matches' : 'comparison_unsupported';
}

/**
 * What a parsed pattern means for one caller address (STIX 2.1 sections 9.5 to 9.7): OR and IN give a union; `=` with a
 * prefix length and ISSUBSET give a range; START and STOP narrow the validity; WITHIN holds for any one observation.
 * What one observed address cannot decide gives no observable and is named in `skipped`.
 */
export function meaningOf(tree: Observations): PatternReading {
  const meaning = new Meaning();
  meaning.readObservations(tree, top);
  const { observables, comparisons, observations, skipped } = meaning;
  return { observables, comparisons, observations, skipped: [...skipped] };
}
