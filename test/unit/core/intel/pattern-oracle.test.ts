import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPattern } from '../../../../src/core/intel/pattern.ts';
import type { PatternReading } from '../../../../src/core/intel/pattern-meaning.ts';
import { evaluate } from '../../../support/stix-pattern-oracle/caller-evaluator.ts';
import { parseByGrammar } from '../../../support/stix-pattern-oracle/grammar-oracle.ts';
import { nearlyPattern, plainPattern } from '../../../support/stix-pattern-oracle/pattern-arbitraries.ts';
import {
  callers,
  checkAcceptance,
  checkMeaning,
  checkReading,
  instants,
  isAccepted,
} from '../../../support/stix-pattern-oracle/pattern-law.ts';
import { instantKey, refusalsOf } from '../../../support/stix-pattern-oracle/refusals.ts';

interface Vectors {
  readonly pass: readonly string[];
  readonly fail_syntax: readonly string[];
  readonly fail_semantic: readonly (readonly [pattern: string, message: string])[];
}

const vectors = JSON.parse(
  readFileSync(new URL('../../../support/stix-pattern-oracle/pattern-vectors-v21.json', import.meta.url), 'utf8'),
) as Vectors;

describe('the vectors of the OASIS validator', () => {
  test.each(vectors.pass)('%s is a pattern for the grammar, and for the reader but for rules beyond it', (pattern) => {
    const tree = parseByGrammar(pattern);
    expect(tree).not.toBeNull();
    // Section 9.5 forbids what the validator takes behind parentheses.
    const isRefused = pattern.endsWith(') WITHIN 5 SECONDS WITHIN 6 SECONDS');
    expect([...refusalsOf(tree!)]).toEqual(isRefused ? ['qualifier twice'] : []);
    expect(isAccepted(pattern)).toBe(!isRefused);
  });

  test.each(vectors.fail_syntax)('%s is no pattern for either', (pattern) => {
    expect(parseByGrammar(pattern)).toBeNull();
    expect(isAccepted(pattern)).toBe(false);
  });

  test.each(vectors.fail_semantic)('%s is a pattern for the grammar (%s)', (pattern, message) => {
    const tree = parseByGrammar(pattern);
    expect(tree).not.toBeNull();
    // What a hash should look like is not asked: no hash is ever compared.
    const isRefused = message.includes('Duplicate qualifier');
    expect([...refusalsOf(tree!)]).toEqual(isRefused ? ['qualifier twice'] : []);
    expect(isAccepted(pattern)).toBe(!isRefused);
  });
});

describe('against the OASIS grammar', () => {
  test('a text is read as a pattern exactly where the grammar has it and no rule beyond the grammar refuses it', () => {
    fc.assert(
      fc.property(nearlyPattern, (text) => {
        checkAcceptance(text);
        checkReading(text);
      }),
      { numRuns: 3_000 },
    );
  });

  test('a pattern matches the callers it matches by the letter, and says so where it cannot be decided', () => {
    fc.assert(
      fc.property(plainPattern, (text) => {
        const tree = parseByGrammar(text);
        fc.pre(tree !== null && refusalsOf(tree).size === 0);
        checkMeaning(text, tree);
      }),
      { numRuns: 3_000 },
    );
  });

  test('a union is read as its parts, each with the reasons it would have alone', () => {
    fc.assert(
      fc.property(plainPattern, plainPattern, (a, b) => {
        fc.pre(isAccepted(a) && isAccepted(b));
        const [left, right, both] = [a, b, `(${a}) OR (${b})`].map(readPattern);
        const shown = ({ observables }: PatternReading): unknown[] =>
          observables.map(({ range, startMs, stopMs }) => [range, startMs, stopMs]);
        expect(shown(both!)).toEqual([...shown(left!), ...shown(right!)]);
        expect(new Set(both!.skipped)).toEqual(new Set([...left!.skipped, ...right!.skipped]));
        expect(both!.observations).toBe(left!.observations + right!.observations);
      }),
      { numRuns: 1_000 },
    );
  });

  test('the arbitraries make both: patterns and what is none, every verdict, every rule beyond the grammar', () => {
    const verdicts = new Set<string>();
    const refusals = new Set<string>();
    const accepted = new Set<boolean>();
    for (const text of fc.sample(nearlyPattern, { numRuns: 1_000, seed: 1 })) {
      const tree = parseByGrammar(text);
      accepted.add(tree !== null);
      for (const refusal of tree === null ? [] : refusalsOf(tree)) refusals.add(refusal);
      if (tree !== null) verdicts.add(evaluate(tree, callers[0]!, instants[3]!));
    }
    expect([...accepted].sort()).toEqual([false, true]);
    expect([...verdicts].sort()).toEqual(['matched', 'not', 'undecidable']);
    expect([...refusals].sort()).toEqual(['REPEATS 0', 'STOP not after START', 'no such time', 'qualifier twice']);
  });

  test('times of STIX are ordered as the instants they name', () => {
    const ordered = [
      '2026-02-28T23:59:59.9Z',
      '2026-02-28T23:59:60Z',
      '2026-03-01T00:00:00.0000000001Z',
      '2026-03-01T00:00:00.1Z',
    ].map((time) => instantKey(time) ?? '');
    expect([...ordered].sort()).toEqual(ordered);
    expect(instantKey('2026-02-29T00:00:00Z')).toBeNull();
  });
});
