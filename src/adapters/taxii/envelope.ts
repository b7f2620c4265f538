import type { StixObject } from '../../core/intel/stix-object.ts';

export interface Envelope {
  readonly objects: readonly StixObject[];
  /** Undefined when the server did not say. */
  readonly more: boolean | undefined;
  readonly next: string | null;
  /** Members of `objects` that are no JSON objects and were left out. */
  readonly malformed: number;
}

const envelopeKeys: ReadonlySet<string> = new Set(['objects', 'more', 'next', 'type', 'id', 'spec_version']);

/**
 * Reads an answer's body as an envelope (TAXII 2.1 §3.7). Also taken, because servers send them: a STIX bundle, whose
 * objects have the same key, and a bare list of objects. An object without `objects` is an empty envelope only when it
 * holds nothing foreign: taking an error document for an empty feed would delete every indicator.
 *
 * @returns the envelope, or undefined when the body is none.
 */
export function readEnvelope(body: unknown): Envelope | undefined {
  if (Array.isArray(body)) return { ...pickObjects(body), more: undefined, next: null };
  if (!isObject(body)) return undefined;
  const { objects, more, next } = body;
  if (objects === undefined || objects === null) {
    if (Object.keys(body).some((key) => !envelopeKeys.has(key))) return undefined;
  } else if (!Array.isArray(objects)) return undefined;
  return {
    ...pickObjects(Array.isArray(objects) ? objects : []),
    more: typeof more === 'boolean' ? more : undefined,
    next: (typeof next === 'string' && next !== '') || typeof next === 'number' ? String(next) : null,
  };
}

function pickObjects(values: readonly unknown[]): Pick<Envelope, 'objects' | 'malformed'> {
  const objects = values.filter(isObject);
  return { objects, malformed: values.length - objects.length };
}

/** Whether a JSON value is an object and no list. */
export function isObject(value: unknown): value is StixObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
