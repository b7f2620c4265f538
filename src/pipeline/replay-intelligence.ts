import type { RangeSet } from '../core/address-range.ts';
import type { IndicatorIndex } from '../core/intel/address-index.ts';
import { IndicatorCatalogue } from '../core/intel/catalogue.ts';
import { versionOf, type SourceSettings } from '../core/intel/indicator-reader.ts';
import type { StixObject } from '../core/intel/stix-object.ts';
import { placeOf, type InputParts } from '../core/input-part.ts';
import type { ReasonGone } from '../core/alert/matcher.ts';
import type { ReplayNotes } from './replay-notes.ts';
import { problemText } from './replay-records.ts';

/** Reads STIX bundles, TAXII envelopes, lists and bare objects, in the order of the files. */
export async function readReplayObjects(parts: InputParts, notes: ReplayNotes): Promise<readonly StixObject[]> {
  const decoder = new TextDecoder();
  const objects: StixObject[] = [];
  for await (const batch of parts) {
    for (const part of batch) {
      if (part.kind === 'problem') {
        notes.problem(problemText(part));
        continue;
      }
      const found = objectsOf(decoder.decode(part.body));
      if (typeof found === 'string') notes.problem(`Cannot read ${placeOf(part)} as ${found}`);
      else for (const object of found) objects.push(object);
      notes.progress(`${part.file}: ${objects.length} STIX objects read`);
    }
  }
  return objects;
}

/** The objects of a document, or why it holds none. */
function objectsOf(text: string): readonly StixObject[] | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return `it is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
  if (Array.isArray(value)) return value.filter(isObject);
  if (isObject(value)) {
    const { objects, type, id } = value;
    if (Array.isArray(objects)) return objects.filter(isObject);
    if (type === 'bundle' && objects === undefined) return [];
    if (typeof type === 'string' && type !== 'bundle' && typeof id === 'string') return [value];
  }
  return 'it is no STIX bundle, object or list of objects';
}

function isObject(value: unknown): value is StixObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects whose version is not after an instant; what has no version is context and always counts. */
export function objectsAsOf(objects: readonly StixObject[], at: number): readonly StixObject[] {
  return objects.filter((object) => versionMs(object) <= at);
}

function versionMs(object: StixObject): number {
  return versionOf(object)?.ms ?? Number.NEGATIVE_INFINITY;
}

export interface IntelligenceOptions {
  readonly source: SourceSettings;
  readonly minConfidence: number;
  readonly excluded: RangeSet;
  /** Whether a version counts from its `modified` on, as a feed would have brought it; otherwise all do from the start. */
  readonly asOf: boolean;
  /** How often a feed is asked, in ms: a version counts from the next multiple at or after its `modified`. */
  readonly refreshMs: number;
}

/** What the files say of indicators, as a feed that grows over the replayed time. */
export class ReplayIntelligence {
  readonly #options: IntelligenceOptions;
  readonly #catalogue = new IndicatorCatalogue(Number.POSITIVE_INFINITY);
  readonly #pending: { readonly object: StixObject; readonly ms: number }[];
  #taken = 0;
  #ordinal = 0;
  #index: IndicatorIndex;

  constructor(objects: readonly StixObject[], options: IntelligenceOptions) {
    this.#options = options;
    const dated = objects.map((object) => ({
      object,
      ms: options.asOf ? versionMs(object) : Number.NEGATIVE_INFINITY,
    }));
    this.#pending = dated.sort((a, b) => (a.ms < b.ms ? -1 : a.ms > b.ms ? 1 : 0));
    this.#index = this.#build();
  }

  /** When more is known than now; +∞ when nothing follows. */
  get nextChange(): number {
    const next = this.#pending[this.#taken];
    const refreshMs = Math.max(1, this.#options.refreshMs);
    return next === undefined ? Number.POSITIVE_INFINITY : Math.ceil(next.ms / refreshMs) * refreshMs;
  }

  /** The index over what is known at an instant. Instants must not go back. */
  indexAt(at: number): IndicatorIndex {
    if (this.nextChange > at) return this.#index;
    const first = this.#taken;
    while (this.nextChange <= at) this.#taken += 1;
    const objects = this.#pending.slice(first, this.#taken).map(({ object }) => object);
    this.#catalogue.apply(this.#options.source, objects, { full: false });
    this.#index = this.#build();
    return this.#index;
  }

  readonly reasonGone: ReasonGone = (source, id, nowMs) =>
    this.#catalogue.reasonGone(source, id, nowMs, this.#options.minConfidence);

  #build(): IndicatorIndex {
    this.#ordinal += 1;
    const { minConfidence, excluded } = this.#options;
    return this.#catalogue.build({ minConfidence, excluded, ordinal: this.#ordinal });
  }
}
