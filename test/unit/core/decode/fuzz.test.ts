import { describe, expect, test } from 'vitest';
import { checkDecoding, noOutcomes } from '../../../support/decode-law.ts';
import { Mutator } from '../../../support/mutator.ts';

describe('decodeMessage()', () => {
  test('counts every record of mutated bodies in exactly one place', () => {
    const outcomes = noOutcomes();
    const mutator = new Mutator(20_260_812);
    for (let input = 0; input < 5000; input++) checkDecoding(mutator.body(), outcomes);
    for (const [outcome, count] of Object.entries(outcomes)) expect(count, outcome).toBeGreaterThan(0);
  });
});
