import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { alertSchema } from '../../src/dev/docs/alert-schema.ts';
import { leavesOf, schemaBreaks, type Schema } from '../support/schema-compatibility.ts';

/** The schema as it was released, never written anew: a break is another schemaVersion with a file of its own. */
const path = 'test/golden/released/alert-1.schema.json';
const released = JSON.parse(readFileSync(path, 'utf8')) as Schema;
const current = alertSchema() as Schema;

describe('The alert document', () => {
  test('keeps what was released under its schemaVersion', () => {
    const advice = `Readers of alerts rely on ${path}: add members beside these, or give the document another schemaVersion`;
    expect(schemaBreaks(released, current), advice).toEqual([]);
  });

  test.each(leavesOf(released).map(({ path: leaf }) => leaf.replace(/\[\]$/, '')))('cannot lose %s unseen', (leaf) => {
    expect(schemaBreaks(released, removed(released, leaf))).toEqual([`${leaf} was removed`]);
  });
});

/** A schema without one member; definitions stand in place so that it is lost nowhere else. */
function removed(root: Schema, leaf: string): Schema {
  const names = leaf.replaceAll('[]', '').split('.');
  const walk = (schema: Schema, [name = '', ...rest]: readonly string[]): Schema => {
    const { $ref } = schema;
    if ($ref !== undefined) return walk(root.$defs![$ref.replace('#/$defs/', '')]!, [name, ...rest]);
    if (schema.items !== undefined) return { ...schema, items: walk(schema.items, [name, ...rest]) };
    if (schema.anyOf !== undefined)
      return {
        ...schema,
        anyOf: schema.anyOf.map((form) => (form.properties === undefined ? form : walk(form, [name, ...rest]))),
      };
    const { [name]: member, ...others } = schema.properties!;
    return { ...schema, properties: rest.length === 0 ? others : { ...others, [name]: walk(member!, rest) } };
  };
  return walk(root, names);
}
