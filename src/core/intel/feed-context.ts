import type { Indicator, Tlp } from './indicator.ts';
import { versionOf } from './indicator-reader.ts';
import type { StixObject } from './stix-object.ts';
import { compareText } from './stix-time.ts';
import { strictestTlp, tlpOfMarkingDefinition } from './tlp.ts';

/**
 * The objects that an `indicates` relationship may name as who stands behind an indicator. A tool is not among them:
 * STIX 2.1 section 4.17 means software that others use with good intent too.
 */
const actorTypes: ReadonlySet<unknown> = new Set(['intrusion-set', 'threat-actor', 'campaign', 'malware']);

const longestName = 500;

export type Fact =
  | { readonly kind: 'actor'; readonly name: string }
  | { readonly kind: 'indicates'; readonly indicatorId: string; readonly targetId: string }
  | { readonly kind: 'identity'; readonly name: string }
  | { readonly kind: 'marking'; readonly tlp: Tlp }
  | { readonly kind: 'withdrawn' };

/** What the newest version of one object says. */
export interface VersionedFact {
  readonly version: string;
  readonly fact: Fact;
}

const withdrawn: Fact = { kind: 'withdrawn' };

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

/**
 * What the other objects of a feed say about its indicators: the actors they indicate, who made them and the TLP
 * levels of markings that the feed defines itself. Newest version of each object, as with indicators.
 */
export class FeedContext {
  readonly #facts: Map<string, VersionedFact>;
  #actorsById: Map<string, readonly string[]> | null = null;

  constructor(facts = new Map<string, VersionedFact>()) {
    this.#facts = facts;
  }

  get size(): number {
    return this.#facts.size;
  }

  /** What each object says, by its id; never changes. */
  get facts(): ReadonlyMap<string, VersionedFact> {
    return this.#facts;
  }

  /** The context with these objects taken too, itself when they change nothing. */
  with(objects: Iterable<StixObject>): FeedContext {
    let facts: Map<string, VersionedFact> | null = null;
    for (const object of objects) {
      const { id } = object;
      if (typeof id !== 'string') continue;
      const held = (facts ?? this.#facts).get(id);
      // A version that says nothing takes back what an older one said.
      const fact = factOf(object) ?? (held === undefined ? null : withdrawn);
      if (fact === null) continue;
      const version = versionOf(object)?.key ?? '';
      if (held !== undefined && (held.version > version || isSame(held, { version, fact }))) continue;
      facts ??= new Map(this.#facts);
      facts.set(id, { version, fact });
    }
    return facts === null ? this : new FeedContext(facts);
  }

  /** Names of the actors that an indicator indicates, sorted, distinct. */
  actorsOf(indicatorId: string): readonly string[] {
    this.#actorsById ??= this.#resolve();
    return this.#actorsById.get(indicatorId) ?? [];
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

  #resolve(): Map<string, readonly string[]> {
    const names = new Map<string, Set<string>>();
    for (const { fact } of this.#facts.values()) {
      if (fact.kind !== 'indicates') continue;
      const target = this.#facts.get(fact.targetId)?.fact;
      if (target?.kind !== 'actor') continue;
      const known = names.get(fact.indicatorId);
      if (known === undefined) names.set(fact.indicatorId, new Set([target.name]));
      else known.add(target.name);
    }
    return new Map([...names].map(([id, set]) => [id, [...set].sort(compareText)]));
  }
}

function isSame(a: VersionedFact, b: VersionedFact): boolean {
  return a.version === b.version && JSON.stringify(a.fact) === JSON.stringify(b.fact);
}
