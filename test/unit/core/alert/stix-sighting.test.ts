import { describe, expect, test } from 'vitest';
import type { Alert } from '../../../../src/core/alert/alert.ts';
import { sightingsOf, type SightingPolicy } from '../../../../src/core/alert/stix-sighting.ts';
import type { StixObject } from '../../../../src/core/intel/stix-object.ts';
import { parseTlp, tlpOfMarkingId } from '../../../../src/core/intel/tlp.ts';
import { tlpLevels } from '../../../../src/core/intel/indicator.ts';
import { anAlert, anIndicator, aRow } from '../../../support/sample-alert.ts';

const policy: SightingPolicy = { source: 'partner', tlpMax: 'AMBER', identity: null };
const identity = 'identity--11111111-1111-4111-8111-111111111111';

function sightings(alert: Alert, changes: Partial<SightingPolicy> = {}): StixObject[] {
  return sightingsOf(alert, { ...policy, ...changes }, (name) => `uuid of ${name}`);
}

function marked(tlp: string): Alert {
  return anAlert({ indicators: [anIndicator({ tlp })] });
}

describe('sightingsOf()', () => {
  test('says which indicator was met, when and how often', () => {
    expect(sightings(anAlert(), { identity })).toEqual([
      {
        type: 'sighting',
        spec_version: '2.1',
        id: 'sighting--uuid of ["partner","indicator--00000000-0000-4000-8000-000000000001","0123456789abcdef0123456789abcdef"]',
        created_by_ref: identity,
        created: '2026-03-01T11:30:02.120Z',
        modified: '2026-03-01T11:30:02.120Z',
        object_marking_refs: ['marking-definition--f88d31f6-486f-44da-b317-01333bde0b82'],
        first_seen: '2026-03-01T10:00:00.0000001Z',
        last_seen: '2026-03-01T11:30:00Z',
        count: 3,
        sighting_of_ref: 'indicator--00000000-0000-4000-8000-000000000001',
        where_sighted_refs: [identity],
      },
    ]);
  });

  test('names neither a caller, an address nor a resource', () => {
    const text = JSON.stringify(sightings(anAlert()));
    expect(text).not.toMatch(/mallory|contoso|192\.0\.2\.66|subscriptions|Portal/);
  });

  test('names nobody without an identity', () => {
    expect(Object.keys(sightings(anAlert())[0] ?? {})).not.toContain('created_by_ref');
    expect(Object.keys(sightings(anAlert())[0] ?? {})).not.toContain('where_sighted_refs');
  });

  test('gives one a time for each indicator of the feed, and none for those of others', () => {
    const alert = anAlert({
      indicators: [
        anIndicator({ id: 'indicator--1' }),
        anIndicator({ id: 'indicator--2', source: 'other' }),
        anIndicator({ id: 'indicator--3' }),
      ],
    });
    expect(sightings(alert).map((sighting) => sighting['sighting_of_ref'])).toEqual(['indicator--1', 'indicator--3']);
    expect(sightings(alert, { source: 'nobody' })).toEqual([]);
  });

  test('reports a create and an update under ids of their own, and no close', () => {
    const [create] = sightings(anAlert({ activity: 'create' }));
    const [update] = sightings(anAlert({ activity: 'update', id: 'f'.repeat(32) }));
    expect(create?.['id']).not.toBe(update?.['id']);
    expect(sightings(anAlert({ activity: 'close' }))).toEqual([]);
  });

  test.each(tlpLevels.map((tlpMax) => [tlpMax] as const))('up to %s gives that level and what is laxer', (tlpMax) => {
    const reported = tlpLevels.filter((tlp) => sightings(marked(tlp), { tlpMax }).length > 0);
    expect(reported).toEqual(tlpLevels.slice(tlpLevels.indexOf(tlpMax)));
    expect(sightings(marked(''), { tlpMax })).toHaveLength(1);
  });

  test.each(tlpLevels.map((tlp) => [tlp] as const))('carries the marking of an indicator that is %s', (tlp) => {
    const [sighting] = sightings(marked(tlp), { tlpMax: 'RED' });
    const refs = sighting?.['object_marking_refs'] as string[];
    expect(refs.map(tlpOfMarkingId)).toEqual([parseTlp(tlp)]);
  });

  test('carries no marking where the indicator has none, and no time that is not known', () => {
    const [sighting] = sightings({ ...marked(''), row: aRow({ FirstSeen: '', LastSeen: '' }) });
    expect(Object.keys(sighting ?? {})).toEqual([
      'type',
      'spec_version',
      'id',
      'created',
      'modified',
      'count',
      'sighting_of_ref',
    ]);
  });

  test('counts no higher than STIX allows', () => {
    expect(sightings(anAlert({ row: aRow({ OperationCount: 2_000_000_000 }) }))[0]?.['count']).toBe(999_999_999);
  });
});
