import { describe, expect, test } from 'vitest';
import { loadConfig, loadRuleConfig } from '../../../src/config/config.ts';
import { usualPolicy } from '../../support/engine-builder.ts';

const policyOf = (steps: unknown) => loadRuleConfig({ SEVERITY_POLICY: JSON.stringify(steps) });

describe('SEVERITY_POLICY', () => {
  test('lowers what is allow-listed by two levels by default', () => {
    expect(loadRuleConfig({}).config?.severityPolicy).toEqual(usualPolicy);
  });

  test('may have no step, and steps of every condition', () => {
    const steps = [
      { when: { allowListed: false }, change: 1 },
      { when: { grade: ['none', 'same-principal'], tlp: ['RED', ''] }, change: -3 },
      { when: { confidenceAtLeast: 0, confidenceBelow: 85.5 }, change: -1 },
      { when: {}, change: 3 },
    ];
    expect(policyOf([]).config?.severityPolicy).toEqual([]);
    expect(policyOf(steps)).toMatchObject({ problems: [], config: { severityPolicy: steps } });
  });

  test('tells every problem at once', () => {
    const steps = [
      { when: { grade: [], allowListed: 'yes', color: 'red' }, change: 0 },
      { change: 1.5 },
      { when: { grade: ['strong'], tlp: 'RED', confidenceBelow: 101 }, change: 4, note: '' },
      { when: { confidenceBelow: 50, confidenceAtLeast: 50 } },
    ];
    const { problems } = loadConfig({ SEVERITY_POLICY: JSON.stringify(steps) });
    const place = 'Cannot use SEVERITY_POLICY';
    expect(problems.filter((problem) => problem.includes('SEVERITY_POLICY'))).toEqual([
      `${place}[0].when.allowListed as it must be true or false: current value is "yes"`,
      `${place}[0].when.grade as it must be a list of at least one of same-principal, other-principal, undetermined, none: current value is []`,
      `${place}[0].when as it has the unknown key "color": known keys are allowListed, confidenceAtLeast, confidenceBelow, grade, tlp`,
      `${place}[0].change as it must be a whole number from -3 to 3 other than 0: current value is 0`,
      `${place}[1].when as it must be an object of conditions: current value is nothing`,
      `${place}[1].change as it must be a whole number from -3 to 3 other than 0: current value is 1.5`,
      `${place}[2].when.grade as it must be a list of at least one of same-principal, other-principal, undetermined, none: current value is ["strong"]`,
      `${place}[2].when.confidenceBelow as it must be a number from 0 to 100: current value is 101`,
      `${place}[2].when.tlp as it must be a list of at least one of RED, AMBER+STRICT, AMBER, GREEN, CLEAR, "": current value is "RED"`,
      `${place}[2].change as it must be a whole number from -3 to 3 other than 0: current value is 4`,
      `${place}[2] as it has the unknown key "note": known keys are change, when`,
      `${place}[3].when.confidenceBelow as it must be above confidenceAtLeast (50): current value is 50`,
      `${place}[3].change as it must be a whole number from -3 to 3 other than 0: current value is nothing`,
    ]);
  });
});
