import { describe, expect, test } from 'vitest';
import { schemaBreaks, type Schema } from '../../support/schema-compatibility.ts';

const row: Schema = {
  type: 'object',
  properties: {
    Caller: { type: 'string' },
    Count: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
    Names: { type: 'array', items: { type: 'string' } },
  },
  required: ['Caller', 'Count', 'Names'],
};

function schema(changes: Record<string, Schema> = {}, required?: readonly string[], changedRow: Schema = row): Schema {
  const properties: Record<string, Schema> = {
    version: { const: 1 },
    activity: { enum: ['create', 'close'] },
    score: { type: 'number' },
    reason: { type: 'string' },
    at: { $ref: '#/$defs/time' },
    row: { $ref: '#/$defs/row' },
    ...changes,
  };
  return {
    type: 'object',
    properties,
    required: required ?? Object.keys(properties).filter((name) => name !== 'reason'),
    $defs: { time: { type: 'string', pattern: '^T$' }, row: changedRow },
  };
}

function without(name: string): Schema {
  const { properties, ...rest } = schema();
  return { ...rest, properties: Object.fromEntries(Object.entries(properties!).filter(([member]) => member !== name)) };
}

function rowWith(changes: Record<string, Schema>, required = row.required!): Schema {
  return schema({}, undefined, { ...row, properties: { ...row.properties, ...changes }, required });
}

const breaks: [string, Schema, string[]][] = [
  ['a removed member', without('score'), ['score was removed']],
  ['a removed optional member', without('reason'), ['reason was removed']],
  ['a retyped member', schema({ score: { type: 'string' } }), ['score was number and may now be string']],
  [
    'a member that may now be null',
    schema({ at: { anyOf: [{ type: 'string', pattern: '^T$' }, { type: 'null' }] } }),
    ['at was string and may now be null'],
  ],
  [
    'a member that is now optional',
    schema({}, ['version', 'activity', 'at', 'row']),
    ['score was required and may now be absent'],
  ],
  ['another version', schema({ version: { const: 2 } }), ['version could be 1 and can be no longer']],
  [
    'a value that is gone',
    schema({ activity: { enum: ['created', 'close'] } }),
    ['activity could be "create" and can be no longer'],
  ],
  ['another pattern', schema({ at: { type: 'string', pattern: '^Z$' } }), ['at had the pattern ^T$ and now has ^Z$']],
  ['a pattern that is gone', schema({ at: { type: 'string' } }), ['at had the pattern ^T$ and now has none']],
  [
    'a member of an object that is now optional',
    rowWith({}, ['Caller', 'Count']),
    ['row.Names was required and may now be absent'],
  ],
  [
    'retyped elements of a list',
    rowWith({ Names: { type: 'array', items: { type: 'integer' } } }),
    ['row.Names[] was string and may now be integer'],
  ],
  [
    'a list that becomes one value',
    rowWith({ Names: { type: 'string' } }),
    ['row.Names was array and may now be string'],
  ],
  [
    'an integer that becomes any number',
    rowWith({ Count: { type: 'number' } }),
    ['row.Count was integer or null and may now be number'],
  ],
];

const additions: [string, Schema][] = [
  ['nothing', schema()],
  ['a required member', schema({ severity: { enum: ['High'] } })],
  ['a member of an object', rowWith({ More: { type: 'string' } })],
  ['a value of an enumeration', schema({ activity: { enum: ['create', 'close', 'update'] } })],
  ['a member that is now required', schema({}, ['version', 'activity', 'score', 'reason', 'at', 'row'])],
  ['a number that is now an integer', schema({ score: { type: 'integer' } })],
  ['a member that is never null any more', rowWith({ Count: { type: 'integer' } })],
  ['a definition that stands in place', schema({ row, at: { type: 'string', pattern: '^T$' } })],
];

describe('schemaBreaks', () => {
  test.each(breaks)('tells %s', (_name, current, expected) => {
    expect(schemaBreaks(schema(), current)).toEqual(expected);
  });

  test.each(additions)('takes %s for no break', (_name, current) => {
    expect(schemaBreaks(schema(), current)).toEqual([]);
  });
});
