import { FeedContext } from '../intel/feed-context.ts';
import type { Indicator, Tlp } from '../intel/indicator.ts';
import {
  fixedTlp,
  markingRefs,
  readIndicator,
  SharedLists,
  type SourceSettings,
  versionOf,
} from '../intel/indicator-reader.ts';
import type { StixObject } from '../intel/stix-object.ts';
import { tlpOfMarkingId } from '../intel/tlp.ts';
import { compareText } from '../intel/stix-time.ts';
import type { Repairs } from './repair.ts';

/** A STIX object and the feed it came from. */
export interface SourcedObject {
  readonly source: SourceSettings;
  readonly object: StixObject;
}

/** One version of an indicator: a row of ThreatIntelIndicators, but for its observables. */
export interface TiVersion {
  /** As the object itself has it: without the confidence and the TLP level that its feed lends it. */
  readonly indicator: Indicator;
  readonly source: SourceSettings;
  /** Text whose order is the order of versions. */
  readonly key: string;
  /** Place among all versions, in the order given. */
  readonly order: number;
  readonly isNewest: boolean;
  readonly newestIsRevoked: boolean;
}

interface Draft extends SourcedObject {
  readonly indicator: Indicator;
  readonly key: string;
}

/** Of two versions with the same `modified`, which STIX leaves undefined, the greater text is the newer, as in a feed. */
function isNewer(a: Draft, b: Draft): boolean {
  return a.key === b.key ? JSON.stringify(a.object) > JSON.stringify(b.object) : a.key > b.key;
}

/**
 * Reads every version of every indicator, in the order given. Objects that are no indicators lend TLP levels. What has
 * no usable id, version or validity is left out: no table could hold it.
 */
export function readVersions(objects: readonly SourcedObject[]): TiVersion[] {
  const contexts = feedContexts(objects);
  const lists = new SharedLists();
  const drafts: Draft[] = [];
  const newest = new Map<string, Draft>();
  for (const { source, object } of objects) {
    const read = readIndicator(object, { ...source, defaultConfidence: null, tlp: '' }, lists);
    if (!('id' in read)) continue;
    const markings = markingRefs(object).filter((id) => tlpOfMarkingId(id) === '');
    const indicator = contexts.get(source.name)?.enrich(read, fixedTlp(object), markings) ?? read;
    const draft = { indicator, source, object, key: versionOf(object)?.key ?? '' };
    drafts.push(draft);
    const id = JSON.stringify([source.name, indicator.id]);
    const known = newest.get(id);
    if (known === undefined || isNewer(draft, known)) newest.set(id, draft);
  }
  return drafts.flatMap((draft, order) => {
    const { indicator, source, key } = draft;
    if (indicator.skipped.includes('invalid_object')) return [];
    const last = newest.get(JSON.stringify([source.name, indicator.id]));
    const isNewest = last === draft;
    return [{ indicator, source, key, order, isNewest, newestIsRevoked: last?.indicator.revoked === true }];
  });
}

function feedContexts(objects: readonly SourcedObject[]): Map<string, FeedContext> {
  const bySource = new Map<string, StixObject[]>();
  for (const { source, object } of objects) {
    if (object['type'] === 'indicator') continue;
    const known = bySource.get(source.name);
    if (known === undefined) bySource.set(source.name, [object]);
    else known.push(object);
  }
  return new Map([...bySource].map(([name, own]) => [name, new FeedContext().with(own)]));
}

/** The confidence of a version, null when nothing tells one. */
export function confidenceOf({ indicator, source }: TiVersion, repairs: Repairs): number | null {
  return indicator.confidence ?? (repairs.has('unscored') ? source.defaultConfidence : null);
}

export function tlpOf({ indicator, source }: TiVersion, repairs: Repairs): Tlp {
  return indicator.tlp === '' && repairs.has('tlp-strictest') ? source.tlp : indicator.tlp;
}

/** The rule's floor of confidence. */
const kqlConfidence = 75;

/** Tells whether a version counts at an instant. A comparison with what is absent is not true: such rows drop out. */
export function isActive(version: TiVersion, at: number, minConfidence: number, repairs: Repairs): boolean {
  const { indicator, isNewest, newestIsRevoked } = version;
  if (indicator.revoked) return false;
  if (!isNewest && repairs.has(newestIsRevoked ? 'revoked-version' : 'superseded-version')) return false;
  if (indicator.validFromMs !== null && indicator.validFromMs > at) return false;
  if (!indicator.validUntilGiven && !repairs.has('no-valid-until')) return false;
  if (indicator.validUntilMs <= at) return false;
  const confidence = confidenceOf(version, repairs);
  return confidence !== null && confidence >= (repairs.has('confidence-floor') ? minConfidence : kqlConfidence);
}

/** Orders versions that match one address, best first: highest confidence, then newest, then id, then source. */
export function compareVersions(a: TiVersion, b: TiVersion, repairs: Repairs): number {
  return (
    (confidenceOf(b, repairs) ?? 0) - (confidenceOf(a, repairs) ?? 0) ||
    compareText(b.key, a.key) ||
    compareText(a.indicator.id, b.indicator.id) ||
    compareText(a.source.name, b.source.name)
  );
}
