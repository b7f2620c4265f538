import { corroborationGrades, type CorroborationGrade, severities } from '../core/alert/alert.ts';
import type { SeverityCondition, SeverityPolicy, SeverityStep } from '../core/alert/severity.ts';
import { type Tlp, tlpLevels } from '../core/intel/indicator.ts';
import type { JsonFields } from './json-fields.ts';
import { readJsonList } from './json-list.ts';

const env = 'SEVERITY_POLICY';

/** The levels from the least to the greatest: a greater change changes no more. */
const changeMax = severities.length - 1;

const markings: readonly Tlp[] = [...tlpLevels, ''];

/** Reads SEVERITY_POLICY: a JSON list, or `@FILE` that holds one. Undefined, with every problem told, when it cannot be used. */
export function readSeverityPolicy(text: string, problems: string[] = []): SeverityPolicy | undefined {
  const steps = readJsonList(env, text, problems, (fields): SeverityStep => ({
    when: readCondition(fields),
    change: readChange(fields),
  }));
  return steps ?? undefined;
}

function readChange(fields: JsonFields): number {
  const wanted = `must be a whole number from -${changeMax} to ${changeMax} other than 0`;
  const value = fields.value('change');
  const isWanted = typeof value === 'number' && Number.isInteger(value) && value !== 0 && Math.abs(value) <= changeMax;
  if (isWanted) return value;
  fields.problem('change', wanted, value);
  return 0;
}

function readCondition(outer: JsonFields): SeverityCondition {
  const fields = outer.nested('when', 'an object of conditions');
  if (fields === null) return {};
  const allowListed = fields.read<boolean | undefined>('allowListed', 'true or false', undefined, (value) =>
    typeof value === 'boolean' ? value : undefined,
  );
  const grade = readSome<CorroborationGrade>(fields, 'grade', corroborationGrades);
  const confidenceBelow = readConfidence(fields, 'confidenceBelow');
  const confidenceAtLeast = readConfidence(fields, 'confidenceAtLeast');
  const tlp = readSome<Tlp>(fields, 'tlp', markings);
  if (confidenceBelow !== undefined && confidenceAtLeast !== undefined && confidenceBelow <= confidenceAtLeast)
    fields.problem('confidenceBelow', `must be above confidenceAtLeast (${confidenceAtLeast})`, confidenceBelow);
  fields.done();
  return {
    ...(allowListed === undefined ? {} : { allowListed }),
    ...(grade === undefined ? {} : { grade }),
    ...(confidenceBelow === undefined ? {} : { confidenceBelow }),
    ...(confidenceAtLeast === undefined ? {} : { confidenceAtLeast }),
    ...(tlp === undefined ? {} : { tlp }),
  };
}

function readConfidence(fields: JsonFields, name: string): number | undefined {
  return fields.read<number | undefined>(name, 'a number from 0 to 100', undefined, (value) =>
    typeof value === 'number' && value >= 0 && value <= 100 ? value : undefined,
  );
}

/** A list of at least one of the values; undefined when it is absent. */
function readSome<Value extends string>(
  fields: JsonFields,
  name: string,
  values: readonly Value[],
): readonly Value[] | undefined {
  const shown = values.map((value) => (value === '' ? '""' : value)).join(', ');
  return fields.read<readonly Value[] | undefined>(name, `a list of at least one of ${shown}`, undefined, (value) => {
    if (!Array.isArray(value) || value.length === 0) return undefined;
    const read = value.map((item: unknown) => values.find((known) => known === item));
    return read.every((item) => item !== undefined) ? read : undefined;
  });
}
