/** A JSON Schema of the shape that alert.schema.json has: objects, lists, scalars, anyOf and references into $defs. */
export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

interface Leaf {
  /** Names joined by dots, [] for the elements of a list. */
  readonly path: string;
  readonly types: readonly string[];
  readonly pattern: string | undefined;
}

/** The members that hold values, objects and lists apart. */
export function leavesOf(schema: Schema): readonly Leaf[] {
  const walk = (at: Schema, path: string): Leaf[] => {
    const forms = formsOf(at, schema);
    const inner = forms.flatMap((form) => [
      ...Object.entries(form.properties ?? {}).flatMap(([name, member]) =>
        walk(member, path === '' ? name : `${path}.${name}`),
      ),
      ...(form.items === undefined ? [] : walk(form.items, `${path}[]`)),
    ]);
    if (inner.length > 0) return inner;
    return [
      { path, types: forms.flatMap(typesOf), pattern: forms.find(({ pattern }) => pattern !== undefined)?.pattern },
    ];
  };
  return walk(schema, '');
}

/**
 * What a reader of documents of the released schema would trip over in those of the current one: a member that is
 * gone, that may now be absent, that holds another type or another form of text, or that can no longer hold a value it
 * could. Additions are none. One sentence a break, in the order of the released schema.
 */
export function schemaBreaks(released: Schema, current: Schema): readonly string[] {
  const compare = (before: Schema, after: Schema, path: string): string[] => {
    const old = formsOf(before, released);
    const now = formsOf(after, current);
    const name = path === '' ? 'the document' : path;
    const types = new Set(old.flatMap(typesOf));
    const retyped = now
      .flatMap(typesOf)
      .filter((type) => !types.has(type) && !(type === 'integer' && types.has('number')));
    if (retyped.length > 0) return [`${name} was ${[...types].join(' or ')} and may now be ${retyped.join(' or ')}`];
    return [
      ...patternBreaks(old, now, name),
      ...valueBreaks(old, now, name),
      ...old.flatMap((form) => memberBreaks(form, now, path)),
    ];
  };
  const memberBreaks = (form: Schema, now: readonly Schema[], path: string): string[] => {
    const objects = now.filter(({ properties }) => properties !== undefined);
    const members = Object.entries(form.properties ?? {}).flatMap(([member, before]) => {
      const at = path === '' ? member : `${path}.${member}`;
      const after = objects.find(({ properties }) => properties !== undefined && Object.hasOwn(properties, member));
      if (after === undefined) return [`${at} was removed`];
      const wasRequired = form.required?.includes(member) === true;
      const isRequired = objects.every(({ required }) => required?.includes(member) === true);
      return [
        ...(wasRequired && !isRequired ? [`${at} was required and may now be absent`] : []),
        ...compare(before, after.properties![member]!, at),
      ];
    });
    const lists = now.flatMap(({ items }) => (items === undefined ? [] : [items]));
    if (form.items === undefined) return members;
    return [...members, ...lists.flatMap((items) => compare(form.items!, items, `${path}[]`))];
  };
  return compare(released, current, '');
}

/** The schemas that a schema stands for: one, or the members of its anyOf. */
function formsOf(schema: Schema, root: Schema): readonly Schema[] {
  if (schema.$ref !== undefined) return formsOf(root.$defs![schema.$ref.replace('#/$defs/', '')]!, root);
  return schema.anyOf?.flatMap((form) => formsOf(form, root)) ?? [schema];
}

function typesOf({ type, const: only, enum: values }: Schema): string[] {
  if (type !== undefined) return [type];
  return [
    ...new Set(
      (values ?? [only]).map((value) => (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value)),
    ),
  ];
}

function patternBreaks(old: readonly Schema[], now: readonly Schema[], name: string): string[] {
  const patterns = (forms: readonly Schema[]): string => forms.map(({ pattern = '' }) => pattern).join(' ');
  if (patterns(old).trim() === '' || patterns(old) === patterns(now)) return [];
  return [`${name} had the pattern ${patterns(old)} and now has ${patterns(now).trim() || 'none'}`];
}

function valueBreaks(old: readonly Schema[], now: readonly Schema[], name: string): string[] {
  const values = (forms: readonly Schema[]): string[] =>
    forms.flatMap((form) => (form.enum ?? ('const' in form ? [form.const] : [])).map((value) => JSON.stringify(value)));
  const left = values(now);
  // Without any list of values the member may hold them all.
  if (left.length === 0) return [];
  return values(old)
    .filter((value) => !left.includes(value))
    .map((value) => `${name} could be ${value} and can be no longer`);
}
