import type { Alert } from '../alert.ts';
import type { MediaFormat } from './alert-format.ts';

/** What the mapping page says of a field. */
export interface MappedField {
  /** Names joined by dots, from the document or from the element of the list it belongs to. */
  readonly target: string;
  /** Members of the native document that the value is made of, such as `indicators[].value`; none for a constant. */
  readonly source: readonly string[];
  /** How the value is made of them, in words. */
  readonly rule: string;
}

export interface Field<Item = Alert> extends MappedField {
  /** A value of JSON. What is undefined, null, "" or an empty list leaves the field out. */
  readonly value: (item: Item) => unknown;
  /** Where the value is a list of objects: the fields of each. */
  readonly elements?: readonly MappedField[];
}

/** A member of the native document that a format leaves out, and why. */
export interface NotCarried {
  readonly source: string;
  readonly reason: string;
}

/** A format that is one table: the documents and the mapping page both derive from it. */
export interface MappedFormat extends MediaFormat {
  readonly fields: readonly Field[];
  readonly notCarried: readonly NotCarried[];
}

/** The format of a table; members of the native document are carried by a field or named in `notCarried`. */
export function mappedFormat(
  contentType: string,
  fields: readonly Field[],
  notCarried: readonly NotCarried[] = [],
): MappedFormat {
  return { contentType, fields, notCarried, render: (alert) => JSON.stringify(documentOf(fields, alert)) };
}

/** A field that is the same in every document. */
export function constant(target: string, value: unknown): Field {
  return { target, source: [], rule: `always \`${JSON.stringify(value)}\``, value: () => value };
}

/** A field that repeats a member of the native document. */
export function copied(target: string, member: keyof Alert): Field {
  return { target, source: [member], rule: 'as it is', value: (alert) => alert[member] };
}

/** A list with one object an item; several lists of one target follow each other in it. */
export function listOf<Item>(
  target: string,
  rule: string,
  items: (alert: Alert) => readonly Item[],
  fields: readonly Field<Item>[],
): Field {
  return {
    target,
    source: [...new Set(fields.flatMap(({ source }) => source))],
    rule,
    elements: fields,
    value: (alert) => items(alert).map((item) => documentOf(fields, item)),
  };
}

type Document = Record<string, unknown>;

function documentOf<Item>(fields: readonly Field<Item>[], item: Item): Document {
  const document: Document = {};
  for (const { target, value } of fields) {
    const found = value(item);
    if (!isEmpty(found)) place(document, target.split('.'), found);
  }
  return document;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function place(document: Document, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  const present = document[name];
  if (rest.length > 0) place((document[name] ??= {}) as Document, rest, value);
  else if (Array.isArray(present) && Array.isArray(value))
    document[name] = [...(present as unknown[]), ...(value as unknown[])];
  else document[name] = value;
}
