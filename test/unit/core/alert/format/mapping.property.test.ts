import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../../../src/core/alert/alert.ts';
import { cloudEventsFormat } from '../../../../../src/core/alert/format/cloudevents.ts';
import { ecsFormat } from '../../../../../src/core/alert/format/ecs.ts';
import { ocsfFormat } from '../../../../../src/core/alert/format/ocsf.ts';
import { alertSchema } from '../../../../../src/dev/docs/alert-schema.ts';
import { anyAlert } from '../../../../support/alert-arbitraries.ts';
import { anAlert, anIndicator, aRow } from '../../../../support/sample-alert.ts';
import { leavesOf, type Schema } from '../../../../support/schema-compatibility.ts';

const formats = Object.entries({ ocsf: ocsfFormat, ecs: ecsFormat, cloudevents: cloudEventsFormat });

/** Every member of the native document that holds a value: `row.Operations`, `indicators[].value`. */
const leaves = [...new Set(leavesOf(alertSchema() as Schema).map(({ path }) => path.replace(/\[\]$/, '')))];

/** Notes what is read of an alert. */
function traced<Value extends object>(value: Value, path: string, reads: Set<string>): Value {
  return new Proxy(value, {
    get(target, name, receiver): unknown {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof name === 'symbol' || typeof member === 'function' || name === 'length' || name === 'toJSON')
        return member;
      const at = Array.isArray(target) ? `${path}[]` : path === '' ? name : `${path}.${name}`;
      reads.add(at.replace(/\[\]$/, ''));
      return typeof member === 'object' && member !== null ? traced(member, at, reads) : member;
    },
  });
}

function covers(source: string, path: string): boolean {
  return source === '*' || path === source || path.startsWith(`${source}.`) || path.startsWith(`${source}[]`);
}

describe.each(formats)('The mapping of %s', (_name, format) => {
  const alerts = fc.sample(anyAlert, { numRuns: 200, seed: 1 });

  test.each(format.fields.map((field) => [field.target, field.rule, field] as const))(
    'tells what %s is made of (%s)',
    (_target, _rule, field) => {
      const reads = new Set<string>();
      for (const alert of alerts) JSON.stringify(field.value(traced(alert, '', reads)));
      const read = leaves.filter((leaf) => reads.has(leaf));
      expect(read.filter((leaf) => !field.source.some((source) => covers(source, leaf)))).toEqual([]);
      expect(
        field.source.filter((source) => source !== '*' && ![...reads].some((path) => covers(source, path))),
      ).toEqual([]);
    },
  );

  test('names only members that the native document has', () => {
    const sources = format.fields.flatMap(({ source, elements = [] }) => [
      ...source,
      ...elements.flatMap((each) => each.source),
    ]);
    const named = [...sources, ...format.notCarried.map(({ source }) => source)];
    expect(named.filter((source) => !leaves.some((leaf) => covers(source, leaf)))).toEqual([]);
  });

  test.each(leaves.filter((leaf) => !leaf.startsWith('rule.')))('loses %s only when it says so', (leaf) => {
    const [one, other] = [alertWith(leaf, 0), alertWith(leaf, 1)];
    expect(one).not.toEqual(other);
    const differs = format.render(one) !== format.render(other);
    expect(differs).toBe(!format.notCarried.some(({ source }) => source === leaf));
  });
});

const two: Readonly<Record<string, readonly [unknown, unknown]>> = {
  schemaVersion: [1, 2],
  // Of the clock, which has milliseconds.
  emittedAt: ['2026-03-01T11:30:02.120Z', '2026-03-01T11:30:02.121Z'],
  activity: ['create', 'update'],
  closeReason: ['window-empty', 'indicator-revoked'],
  severity: ['Low', 'High'],
  ip: ['192.0.2.66', '192.0.2.67'],
  'indicators[].tlp': ['AMBER', 'AMBER+STRICT'],
  'corroboration.grade': ['none', 'undetermined'],
  'corroboration.evidence[].kind': ['user', 'managed-identity'],
};

/** Two values of a member: lists differ in an element, times by 100 ns, numbers by a hundredth. */
function valuesOf(leaf: string): readonly [unknown, unknown] {
  const known = two[leaf];
  if (known !== undefined) return known;
  const [schema] = leavesOf(alertSchema() as Schema).filter(({ path }) => path.replace(/\[\]$/, '') === leaf);
  const isList = schema!.path.endsWith('[]');
  const pair = ((): readonly [unknown, unknown] => {
    if (schema!.types.includes('boolean')) return [false, true];
    if (schema!.types.some((type) => type === 'number' || type === 'integer')) return [40, 40.01];
    if (schema!.pattern?.includes('T') === true)
      return ['2026-03-01T10:00:00.1230001Z', '2026-03-01T10:00:00.1230002Z'];
    return ['one', 'other'];
  })();
  return isList ? [[pair[0]], [pair[1]]] : pair;
}

/** An alert in which everything is present, one member by choice. */
function alertWith(leaf: string, choice: 0 | 1): Alert {
  const full = anAlert({
    row: aRow({ SPSigninCount: 1, SigninSPs: ['sp'] }),
    indicators: [anIndicator({ validUntil: '2026-04-01T00:00:00Z' })],
    partial: { before: '2026-03-01T09:00:00Z' },
    incomplete: { partitions: ['0'] },
    silenced: { id: 's1', author: 'ann', reason: 'a test', until: '2026-03-02T09:00:00Z' },
  });
  const copy = structuredClone(full) as unknown as Record<string, unknown>;
  const names = leaf.replaceAll('[]', '.0').split('.');
  const last = names.pop()!;
  const holder = names.reduce((object, name) => object[name] as Record<string, unknown>, copy);
  holder[last] = valuesOf(leaf)[choice];
  return copy as unknown as Alert;
}
