import { covers } from '../../../src/core/address-block.ts';
import { type Address, formatAddress, parseAddress } from '../../../src/core/address.ts';
import { type SkipReason, skipReasons } from '../../../src/core/intel/indicator.ts';
import { maxPatternLength, readPattern } from '../../../src/core/intel/pattern.ts';
import { PatternError } from '../../../src/core/intel/pattern-lexer.ts';
import type { PatternReading } from '../../../src/core/intel/pattern-meaning.ts';
import { parsePattern } from '../../../src/core/intel/pattern-parser.ts';
import { evaluate } from './caller-evaluator.ts';
import type { GrammarNode } from './grammar-node.ts';
import { parseByGrammar } from './grammar-oracle.ts';
import { refusalsOf } from './refusals.ts';

export const callers: readonly Address[] = ['198.51.100.7', '198.51.100.8', '203.0.113.9', '2001:db8::7'].map(
  (text) => {
    const address = parseAddress(text);
    if (address === null) throw new Error(`Cannot call from ${text}: it is no address`);
    return address;
  },
);

/** Around and between the times that the patterns of the tests name. */
export const instants: readonly string[] = [
  '2025-12-31T23:59:59.999Z',
  '2026-01-01T00:00:00Z',
  '2026-03-02T11:59:59.999Z',
  '2026-03-02T12:00:00Z',
  '2026-03-02T12:00:00.001Z',
  '2026-03-31T23:59:59.999Z',
  '2026-04-01T00:00:00Z',
];

/** Whether the parser takes a text. Whatever else it throws than its own error is thrown on. */
export function isAccepted(text: string): boolean {
  try {
    parsePattern(text);
    return true;
  } catch (error) {
    if (error instanceof PatternError) return false;
    throw error;
  }
}

/**
 * Checks that a text is read as a pattern exactly where the grammar has it and no rule beyond the grammar refuses it.
 * Gives its parse by the grammar.
 */
export function checkAcceptance(text: string): GrammarNode | null {
  const tree = parseByGrammar(text);
  const wanted = tree !== null && refusalsOf(tree).size === 0;
  if (isAccepted(text) !== wanted) {
    throw new Error(`The parser ${wanted ? 'refuses' : 'takes'} a text that it should ${wanted ? 'take' : 'refuse'}`);
  }
  return tree;
}

function isMatched({ observables }: PatternReading, address: Address, at: number): boolean {
  return observables.some(
    ({ range, startMs = Number.NEGATIVE_INFINITY, stopMs = Number.POSITIVE_INFINITY }) =>
      covers(range, address) && startMs <= at && at < stopMs,
  );
}

/** Checks that a pattern that is accepted matches exactly the callers it matches by the letter, and says what it leaves. */
export function checkMeaning(text: string, tree: GrammarNode): void {
  const reading = readPattern(text);
  for (const caller of callers) {
    for (const instant of instants) {
      const verdict = evaluate(tree, caller, instant);
      if (isMatched(reading, caller, Date.parse(instant)) !== (verdict === 'matched')) {
        throw new Error(`Read otherwise than by the letter: ${formatAddress(caller)} at ${instant} is ${verdict}`);
      }
      if (verdict === 'undecidable' && reading.skipped.length === 0) {
        throw new Error(`No reason is given where ${formatAddress(caller)} at ${instant} cannot be decided`);
      }
    }
  }
}

const reasons: ReadonlySet<string> = new Set(skipReasons);
const unreadable: readonly SkipReason[] = ['pattern_invalid', 'pattern_too_large'];

/** Checks what holds of every text, whatever it is: gives its reading. */
export function checkReading(text: string): PatternReading {
  const reading = readPattern(text);
  const { observables, skipped } = reading;
  const isRead = text.length <= maxPatternLength && isAccepted(text);
  if (skipped.some((reason) => unreadable.includes(reason)) === isRead) {
    throw new Error(`Read as ${JSON.stringify(skipped)} where the parser says ${isRead}`);
  }
  if (observables.length + skipped.length === 0) throw new Error('Nothing is meant and no reason given');
  const unknown = skipped.filter((reason) => !reasons.has(reason));
  if (unknown.length > 0) throw new Error(`Skipped for reasons that no list has: ${unknown.join(', ')}`);
  return reading;
}
