import { type Tlp, tlpLevels } from '../intel/indicator.ts';
import type { StixObject } from '../intel/stix-object.ts';
import { markingIdOf } from '../intel/tlp.ts';
import type { Alert, AlertIndicator } from './alert.ts';

/** What is reported back to a feed. */
export interface SightingPolicy {
  /** Name of the feed: only its own indicators are reported to it. */
  readonly source: string;
  /** The strictest marking of an indicator that is reported. */
  readonly tlpMax: Exclude<Tlp, ''>;
  /** Id of the identity that reports, as the feed knows it; null leaves it out. */
  readonly identity: string | null;
}

/** UUIDv5 of a name (RFC 9562 section 5.5). Passed in, since the core has no platform of its own. */
export type NameUuid = (name: string) => string;

/** The most that `count` may be (STIX 2.1 section 5.2). */
const countMax = 999_999_999;

function isReported({ source, tlp }: AlertIndicator, policy: SightingPolicy): boolean {
  if (source !== policy.source) return false;
  const level = tlpLevels.findIndex((known) => known === tlp);
  return level === -1 || level >= tlpLevels.indexOf(policy.tlpMax);
}

/**
 * The STIX 2.1 sightings (section 5.2) of an alert: one for each of the feed's indicators in it, none for a close. They
 * say that the indicator was met, when and how often, and nothing of whom: no caller, no address, no resource.
 *
 * A sighting is one of an alert and never gets a new version: STIX wants all versions to share `created`, and an alert
 * does not tell when its finding began. An alert delivered twice gives the same objects to the last byte, which a server
 * takes as one.
 */
export function sightingsOf(alert: Alert, policy: SightingPolicy, nameUuid: NameUuid): StixObject[] {
  if (alert.activity === 'close') return [];
  const { emittedAt, row } = alert;
  const who = policy.identity === null ? {} : { created_by_ref: policy.identity };
  const where = policy.identity === null ? {} : { where_sighted_refs: [policy.identity] };
  return alert.indicators
    .filter((indicator) => isReported(indicator, policy))
    .map(({ id, tlp }) => {
      const marking = markingIdOf(tlp);
      return {
        type: 'sighting',
        spec_version: '2.1',
        id: `sighting--${nameUuid(JSON.stringify([policy.source, id, alert.id]))}`,
        ...who,
        created: emittedAt,
        modified: emittedAt,
        ...(marking === null ? {} : { object_marking_refs: [marking] }),
        ...(row.FirstSeen === '' ? {} : { first_seen: row.FirstSeen }),
        ...(row.LastSeen === '' ? {} : { last_seen: row.LastSeen }),
        count: Math.min(row.OperationCount, countMax),
        sighting_of_ref: id,
        ...where,
      };
    });
}
