import { covers } from '../../../src/core/address-block.ts';
import type { Address } from '../../../src/core/address.ts';
import { parseObservableValue } from '../../../src/core/intel/observable-value.ts';
import { childrenOf, type GrammarNode, has, unquoted } from './grammar-node.ts';
import { instantKey } from './refusals.ts';

/** What one address at one instant says of a pattern. */
export type Verdict = 'matched' | 'not' | 'undecidable';

/**
 * A verdict on what stands inside brackets. `object-type` holds of whatever address the reference leads to, and so says
 * nothing alone.
 */
type Finding = Verdict | 'object-type';

interface Found {
  readonly finding: Finding;
  /** The ends of traffic and other objects that the comparisons speak of. */
  readonly ends: ReadonlySet<string>;
}

const addressEnds = new Set(['ipv4-addr', 'ipv6-addr', 'network-traffic src_ref', 'network-traffic dst_ref']);

/** Steps of a path, folded; a list position is a step of its own. */
function stepsOf(path: GrammarNode): string[] {
  const steps: string[] = [];
  const walk = ({ name, text, children }: GrammarNode): void => {
    if (name === 'StringLiteral') steps.push(unquoted(text).toLowerCase());
    else if (/^(Identifier|IntPos|IntNeg|ASTERISK)/.test(name)) steps.push(text.toLowerCase());
    else if (name === 'LBRACK') steps.push('[');
    children.forEach(walk);
  };
  walk(path);
  return steps;
}

/** A union holds when a part does. */
function union(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('matched')) return 'matched';
  return verdicts.includes('undecidable') ? 'undecidable' : 'not';
}

function alone(finding: Finding): Verdict {
  return finding === 'object-type' ? 'undecidable' : finding;
}

class CallerEvaluator {
  readonly #address: Address;
  readonly #instant: string;

  constructor(address: Address, instant: string) {
    this.#address = address;
    this.#instant = instant;
  }

  observations(node: GrammarNode): Verdict {
    const operands = node.children.filter(({ name }) => /^(observation|comparison)Expression/.test(name));
    const verdicts = (): Verdict[] => operands.map((operand) => this.observations(operand));
    if (node.name === 'comparisonExpression') return alone(this.#comparison(node).finding);
    // Each side takes an observation of its own, and there is one.
    if (has(node, 'FOLLOWEDBY') || has(node, 'AND')) return 'not';
    const [qualifier] = node.children.filter(({ name }) => name.endsWith('Qualifier'));
    if (qualifier !== undefined && !this.#isWithin(qualifier)) return 'not';
    return union(verdicts());
  }

  #isWithin(qualifier: GrammarNode): boolean {
    if (qualifier.name === 'repeatedQualifier') return Number(childrenOf(qualifier, 'IntPosLiteral')[0]?.text) === 1;
    if (qualifier.name === 'withinQualifier') return true;
    const [start, stop] = childrenOf(qualifier, 'TimestampLiteral').map(({ text }) => instantKey(unquoted(text)));
    const now = instantKey(this.#instant) ?? '';
    return (start ?? '') <= now && now < (stop ?? '');
  }

  #comparison(node: GrammarNode): Found {
    if (node.name === 'propTest' && !has(node, 'LPAREN')) return this.#test(node);
    const operands = node.children.filter(({ name }) => /^(comparisonExpression|propTest)/.test(name));
    const [first, ...others] = operands.map((operand) => this.#comparison(operand));
    if (first === undefined) throw new Error(`Cannot evaluate ${node.name}: it has no operand`);
    if (others.length === 0) return first;
    return has(node, 'AND') ? this.#and([first, ...others]) : this.#or([first, ...others]);
  }

  #or(operands: readonly Found[]): Found {
    return {
      finding: union(operands.map(({ finding }) => alone(finding))),
      ends: new Set(operands.flatMap(({ ends }) => [...ends])),
    };
  }

  /**
   * The type of what a reference leads to beside the value of the same reference adds nothing. Otherwise a record tells
   * one address only: a second comparison may refute the pattern but never prove it.
   */
  #and(operands: readonly Found[]): Found {
    const ends = new Set(operands.flatMap((operand) => [...operand.ends]));
    const findings = operands.map(({ finding }) => finding);
    const rest = findings.filter((finding) => finding !== 'object-type');
    const [only] = rest;
    if (findings.includes('not')) return { finding: 'not', ends };
    if (ends.size === 1 && rest.length === 0) return { finding: 'object-type', ends };
    if (ends.size === 1 && rest.length === 1 && only !== undefined) return { finding: only, ends };
    return { finding: 'undecidable', ends };
  }

  #test(node: GrammarNode): Found {
    const [path] = childrenOf(node, 'objectPath');
    if (path === undefined) throw new Error('Cannot evaluate a comparison: it has no path');
    const steps = stepsOf(path);
    const end = steps.slice(0, -1).join(' ');
    const isAddress = addressEnds.has(end);
    const property = steps.at(-1);
    const ends = new Set([isAddress && (property === 'value' || property === 'type') ? end : steps.join(' ')]);
    if (has(node, 'NOT')) return { finding: 'undecidable', ends };
    if (end.startsWith('network-traffic ') && isAddress && property === 'type' && has(node, 'EQ')) {
      const text = literalsOf(node)[0] ?? '';
      return { finding: /^ipv[46]-addr$/i.test(text) ? 'object-type' : 'not', ends };
    }
    const isUnion = has(node, 'EQ') || has(node, 'IN') || has(node, 'ISSUBSET');
    if (!isUnion || !isAddress || property !== 'value') return { finding: 'undecidable', ends };
    return { finding: literalsOf(node).some((text) => this.#isNamedBy(text)) ? 'matched' : 'not', ends };
  }

  #isNamedBy(text: string | null): boolean {
    const range = text === null ? null : parseObservableValue(text);
    return range !== null && covers(range, this.#address);
  }
}

/** The constants of a comparison: the text of a string, null for any other literal. */
function literalsOf(node: GrammarNode): (string | null)[] {
  if (node.name.endsWith('Literal') && node.text !== '')
    return [node.name === 'StringLiteral' ? unquoted(node.text) : null];
  return node.children.filter(({ name }) => name !== 'objectPath').flatMap(literalsOf);
}

/**
 * Evaluates a parse of the OASIS grammar for one observed caller address, whose end of the traffic is not known, at one
 * instant (a timestamp of STIX), by the letter of STIX 2.1 sections 9.5 to 9.7 where a record decides it.
 */
export function evaluate(tree: GrammarNode, address: Address, instant: string): Verdict {
  const [pattern] = tree.children;
  if (pattern === undefined) throw new Error('Cannot evaluate a pattern: it has no observation');
  return new CallerEvaluator(address, instant).observations(pattern);
}
