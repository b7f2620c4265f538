import { type Tlp, tlpLevels } from '../core/intel/indicator.ts';
import { parseTlp } from '../core/intel/tlp.ts';
import type { JsonFields } from './json-fields.ts';

/** What is reported back to a feed of the alerts that its indicators raise. */
export interface SightingSettings {
  /** Id, alias or title of a collection that can be written. */
  readonly collection: string;
  /** Most sightings a minute; more of them wait. */
  readonly perMinute: number;
  /** The strictest marking of an indicator that is reported. */
  readonly tlpMax: Exclude<Tlp, ''>;
  /** Id of the identity that reports; null names nobody. */
  readonly identity: string | null;
}

const identityId = /^identity--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Reads the member `sightings` of a TAXII feed; null without one. */
export function readSightings(feed: JsonFields): SightingSettings | null {
  if (!feed.has('sightings')) return null;
  const fields = feed.nested('sightings', 'an object with a collection');
  if (fields === null) return null;
  const settings = {
    collection: fields.text('collection', 'the id, alias or title of a collection that can be written'),
    perMinute: fields.integer('perMinute', 60, 1, 100_000),
    tlpMax: fields.read<Exclude<Tlp, ''>>('tlpMax', `one of ${tlpLevels.join(', ')}`, 'AMBER', (value) => {
      const level = parseTlp(value);
      return level === '' ? undefined : level;
    }),
    identity: fields.read<string | null>('identity', 'an id such as identity--UUID or null', null, (value) =>
      value === null || (typeof value === 'string' && identityId.test(value)) ? value : undefined,
    ),
  };
  fields.done();
  return settings;
}
