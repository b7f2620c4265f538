import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { corroborationGrades, severities, type Severity } from '../../../../src/core/alert/alert.ts';
import {
  severityAfter,
  type SeverityCondition,
  type SeverityFacts,
  type SeverityPolicy,
} from '../../../../src/core/alert/severity.ts';
import { tlpLevels } from '../../../../src/core/intel/indicator.ts';
import { usualPolicy } from '../../../support/engine-builder.ts';

const tlp = fc.constantFrom(...tlpLevels, '' as const);
const severity: fc.Arbitrary<Severity> = fc.constantFrom(...severities);
const facts: fc.Arbitrary<SeverityFacts> = fc.record({
  allowListed: fc.boolean(),
  grade: fc.constantFrom(...corroborationGrades),
  confidence: fc.nat({ max: 100 }),
  tlp,
});
const when: fc.Arbitrary<SeverityCondition> = fc.record(
  {
    allowListed: fc.boolean(),
    grade: fc.subarray([...corroborationGrades], { minLength: 1 }),
    confidenceBelow: fc.nat({ max: 100 }),
    confidenceAtLeast: fc.nat({ max: 100 }),
    tlp: fc.array(tlp, { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: [] },
);
const policy: fc.Arbitrary<SeverityPolicy> = fc.array(fc.record({ when, change: fc.integer({ min: -3, max: 3 }) }), {
  maxLength: 6,
});

const usual: SeverityFacts = { allowListed: false, grade: 'none', confidence: 80, tlp: '' };

function applies(condition: SeverityCondition, changes: Partial<SeverityFacts> = {}): boolean {
  return severityAfter('High', [{ when: condition, change: -1 }], { ...usual, ...changes }) === 'Medium';
}

describe('severityAfter()', () => {
  test('without a step the severity is that of the rule', () => {
    fc.assert(
      fc.property(severity, facts, (from, given) => {
        expect(severityAfter(from, [], given)).toBe(from);
      }),
    );
  });

  test('the order of the steps changes nothing, and the result is one of the levels', () => {
    fc.assert(
      fc.property(severity, policy, facts, (from, steps, given) => {
        const after = severityAfter(from, steps, given);
        expect(severities).toContain(after);
        expect(severityAfter(from, steps.toReversed(), given)).toBe(after);
      }),
    );
  });

  test('the changes of the steps that apply alone add up, clamped at the end', () => {
    fc.assert(
      fc.property(severity, policy, facts, (from, steps, given) => {
        const applied = steps.filter((step) => severityAfter('High', [{ ...step, change: -1 }], given) === 'Medium');
        const sum = applied.reduce((level, { change }) => level + change, severities.indexOf(from));
        expect(severities.indexOf(severityAfter(from, steps, given))).toBe(Math.min(3, Math.max(0, sum)));
      }),
    );
  });

  test('a step applies when all of its conditions hold, each as if it stood alone', () => {
    fc.assert(
      fc.property(when, facts, (condition, given) => {
        const each = (Object.keys(condition) as (keyof SeverityCondition)[]).map((name) =>
          applies({ [name]: condition[name] }, given),
        );
        expect(applies(condition, given)).toBe(each.every(Boolean));
      }),
      { numRuns: 300 },
    );
  });

  test.each<[SeverityCondition, Partial<SeverityFacts>, boolean]>([
    [{}, {}, true],
    [{ allowListed: true }, { allowListed: true }, true],
    [{ allowListed: true }, { allowListed: false }, false],
    [{ allowListed: false }, { allowListed: false }, true],
    [{ grade: ['none', 'undetermined'] }, { grade: 'undetermined' }, true],
    [{ grade: ['none', 'undetermined'] }, { grade: 'same-principal' }, false],
    [{ confidenceBelow: 80 }, { confidence: 79 }, true],
    [{ confidenceBelow: 80 }, { confidence: 80 }, false],
    [{ confidenceAtLeast: 80 }, { confidence: 80 }, true],
    [{ confidenceAtLeast: 80 }, { confidence: 79 }, false],
    [{ tlp: ['RED', ''] }, { tlp: '' }, true],
    [{ tlp: ['RED'] }, { tlp: 'AMBER' }, false],
  ])('%j holds of %j: %s', (condition, given, expected) => {
    expect(applies(condition, given)).toBe(expected);
  });

  test('the default lowers an allow-listed match by two, and nothing else', () => {
    fc.assert(
      fc.property(facts, (given) => {
        expect(severityAfter('High', usualPolicy, given)).toBe(given.allowListed ? 'Low' : 'High');
      }),
    );
  });

  test('what adds up beyond a level is not lost to the clamp before the last step', () => {
    const steps = [1, 1, -2].map((change) => ({ when: {}, change }));
    expect(severityAfter('High', steps, usual)).toBe('High');
  });
});
