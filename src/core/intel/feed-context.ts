import type { Fact, VersionedFact } from './fact.ts';
import { FactTable, partOfId } from './fact-table.ts';
import type { Indicator, Tlp } from './indicator.ts';
import { versionOf } from './indicator-reader.ts';
import type { StixObject } from './stix-object.ts';
import { compareText } from './stix-time.ts';
import { Sliced } from '../sliced.ts';
import { strictestTlp, tlpOfMarkingDefinition } from './tlp.ts';

/**
 * The objects that an `indicates` relationship may name as who stands behind an indicator. A tool is not among them:
 * STIX 2.1 section 4.17 means software that others use with good intent too.
 */
const actorTypes: ReadonlySet<unknown> = new Set(['intrusion-set', 'threat-actor', 'campaign', 'malware']);

const longestName = 500;

const withdrawn: Fact = { kind: 'withdrawn' };

const noActors: readonly string[] = [];

/** What an object says about indicators beside it, null when it says nothing. */
function factOf(object: StixObject): Fact | null {
  const { type, name, source_ref: sourceRef, target_ref: targetRef } = object;
  if (actorTypes.has(type) || type === 'identity') {
    if (object['revoked'] === true) return withdrawn;
    const kind = type === 'identity' ? 'identity' : 'actor';
    return typeof name === 'string' && name.trim() !== '' ? { kind, name: name.trim().slice(0, longestName) } : null;
  }
  if (type === 'marking-definition') {
    const tlp = tlpOfMarkingDefinition(object);
    return tlp === '' ? null : { kind: 'marking', tlp };
  }
  if (type !== 'relationship' || object['relationship_type'] !== 'indicates') return null;
  if (object['revoked'] === true) return withdrawn;
  if (typeof sourceRef !== 'string' || typeof targetRef !== 'string') return null;
  if (!sourceRef.startsWith('indicator--')) return null;
  return { kind: 'indicates', indicatorId: sourceRef, targetId: targetRef };
}

/** Facts taken between two pauses. */
const sliceFacts = 256;

type ActorParts = (Map<string, readonly string[]> | undefined)[];

/**
 * What the other objects of a feed say about its indicators: the actors they indicate, who made them and the TLP
 * levels of markings that the feed defines itself. Newest version of each object, as with indicators.
 */
export class FeedContext {
  readonly #facts: FactTable;
  #actorsById: ActorParts | null = null;

  constructor(facts = new FactTable()) {
    this.#facts = facts;
  }

  get size(): number {
    return this.#facts.size;
  }

  /** What each object says, by its id; never changes. */
  get facts(): FactTable {
    return this.#facts;
  }

  /** The context with these objects taken too, itself when they change nothing. */
  with(objects: Iterable<StixObject>): FeedContext {
    const draft = this.draft();
    for (const object of objects) draft.take(object);
    return draft.context;
  }

  /** A context that begins as this one does and takes objects one by one. */
  draft(): ContextDraft {
    return new ContextDraft(this);
  }

  /** Finds out in slices what actorsOf() would find out in one go when it is asked first. */
  *prepare(): Generator<undefined> {
    this.#actorsById ??= yield* actorsIn(this.#facts);
  }

  /** Names of the actors that an indicator indicates, sorted, distinct. */
  actorsOf(indicatorId: string): readonly string[] {
    this.#actorsById ??= new Sliced(actorsIn(this.#facts)).finish();
    return this.#actorsById[partOfId(indicatorId)]?.get(indicatorId) ?? noActors;
  }

  /** The strictest level of the markings that this feed defines, "" without one. */
  tlpOf(markings: readonly string[]): Tlp {
    return strictestTlp(
      markings.map((id) => {
        const fact = this.#facts.get(id)?.fact;
        return fact?.kind === 'marking' ? fact.tlp : '';
      }),
    );
  }

  /** The name of an identity, undefined for one that is not there. */
  nameOf(identity: string): string | undefined {
    const fact = this.#facts.get(identity)?.fact;
    return fact?.kind === 'identity' ? fact.name : undefined;
  }

  /**
   * The indicator with the actors, the level and the name of its creator that this feed adds to what it says itself;
   * itself when nothing is.
   */
  enrich(indicator: Indicator, ownTlp: Tlp, markings: readonly string[], creator = ''): Indicator {
    const actors = this.actorsOf(indicator.id);
    const tlp = strictestTlp([ownTlp, this.tlpOf(markings)]) || indicator.tlp;
    const sourceName = this.nameOf(creator);
    if (actors.length === 0 && tlp === indicator.tlp && sourceName === undefined) return indicator;
    const named = sourceName === undefined ? {} : { sourceName };
    return { ...indicator, ...named, tlp, actors: [...new Set([...indicator.actors, ...actors])].sort(compareText) };
  }
}

/** A context on its way: what objects change is not seen by whoever holds the context it began with. */
export class ContextDraft {
  readonly #from: FeedContext;
  #facts: FactTable | null = null;

  constructor(from: FeedContext) {
    this.#from = from;
  }

  get size(): number {
    return (this.#facts ?? this.#from.facts).size;
  }

  /** Takes an object that is no indicator. */
  take(object: StixObject): void {
    const { id } = object;
    if (typeof id !== 'string') return;
    const held = (this.#facts ?? this.#from.facts).get(id);
    // A version that says nothing takes back what an older one said.
    const fact = factOf(object) ?? (held === undefined ? null : withdrawn);
    if (fact === null) return;
    const version = versionOf(object)?.key ?? '';
    if (held !== undefined && (held.version > version || isSame(held, { version, fact }))) return;
    this.#facts ??= new FactTable(this.#from.facts);
    this.#facts.set(id, { version, fact });
  }

  /** The one it began with when nothing changed. Nothing may be taken afterwards. */
  get context(): FeedContext {
    return this.#facts === null ? this.#from : new FeedContext(this.#facts);
  }
}

/** The names of the actors that indicators indicate, by the parts and ids of these. */
function* actorsIn(facts: FactTable): Generator<undefined, ActorParts> {
  const parts: (Map<string, Set<string>> | undefined)[] = [];
  let taken = 0;
  for (const [, { fact }] of facts) {
    taken += 1;
    if (taken % sliceFacts === 0) yield;
    if (fact.kind !== 'indicates') continue;
    const target = facts.get(fact.targetId)?.fact;
    if (target?.kind !== 'actor') continue;
    const part = (parts[partOfId(fact.indicatorId)] ??= new Map<string, Set<string>>());
    const known = part.get(fact.indicatorId);
    if (known === undefined) part.set(fact.indicatorId, new Set([target.name]));
    else known.add(target.name);
  }
  const sorted: ActorParts = [];
  for (const [number, part] of parts.entries()) {
    yield;
    if (part !== undefined)
      sorted[number] = new Map([...part].map(([id, names]) => [id, [...names].sort(compareText)]));
  }
  return sorted;
}

function isSame(a: VersionedFact, b: VersionedFact): boolean {
  return a.version === b.version && JSON.stringify(a.fact) === JSON.stringify(b.fact);
}
