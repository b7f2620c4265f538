import { childrenOf, type GrammarNode, nodesOf, unquoted } from './grammar-node.ts';

/** Why the reader refuses a pattern that the grammar has. */
export type Refusal = 'qualifier twice' | 'REPEATS 0' | 'no such time' | 'STOP not after START' | 'too deep';

/** How deep the reader lets parentheses nest. */
const deepest = 64;

/** Text of a timestamp whose order is the order of the instants; null when the calendar has no such day. */
export function instantKey(timestamp: string): string | null {
  const [, date = '', clock = '', second = '', fraction = ''] =
    /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):(\d\d)(?:\.(\d+))?Z$/.exec(timestamp) ?? [];
  const midnight = new Date(`${date}T00:00:00.000Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(date)) return null;
  // A leap second is counted with the second after it.
  const leap = second === '60' ? 1000 : 0;
  const instant = new Date(Date.parse(`${date}T${clock}:${leap > 0 ? '59' : second}.000Z`) + leap);
  return `${instant.toISOString().slice(0, 19)}.${fraction.padEnd(60, '0')}`;
}

function depthOf(node: GrammarNode): number {
  const below = node.children.map(depthOf);
  const opens = node.name !== 'setLiteral' && node.children.some(({ name }) => name === 'LPAREN');
  return Math.max(0, ...below) + (opens ? 1 : 0);
}

function startStopRefusal(qualifier: GrammarNode): Refusal | null {
  const texts = childrenOf(qualifier, 'TimestampLiteral').map(({ text }) => unquoted(text));
  const [start, stop] = texts.map(instantKey);
  if (start === undefined || stop === undefined || start === null || stop === null) return 'no such time';
  if (texts.some((text) => text.length > 64)) return 'no such time';
  return start < stop ? null : 'STOP not after START';
}

function ownRefusal(node: GrammarNode): Refusal | null {
  if (node.name === 'startStopQualifier') return startStopRefusal(node);
  if (node.name === 'repeatedQualifier') {
    return Number(childrenOf(node, 'IntPosLiteral')[0]?.text) === 0 ? 'REPEATS 0' : null;
  }
  if (node.name !== 'observationExpression') return null;
  const kinds: string[] = [];
  for (let inner: GrammarNode | undefined = node; inner?.name === 'observationExpression'; inner = inner.children[0]) {
    const qualifier = inner.children[1]?.name ?? '';
    if (qualifier.endsWith('Qualifier')) kinds.push(qualifier);
  }
  return new Set(kinds).size < kinds.length ? 'qualifier twice' : null;
}

/**
 * The reasons to refuse a pattern that the grammar has: what section 9.5 of STIX 2.1 forbids beyond the grammar, and
 * the limits of a reader of untrusted text.
 */
export function refusalsOf(tree: GrammarNode): ReadonlySet<Refusal> {
  const refusals = new Set<Refusal>();
  for (const node of nodesOf(tree)) {
    const refusal = ownRefusal(node);
    if (refusal !== null) refusals.add(refusal);
  }
  if (depthOf(tree) > deepest) refusals.add('too deep');
  return refusals;
}
