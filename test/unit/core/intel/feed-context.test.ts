import { describe, expect, test } from 'vitest';
import { FeedContext } from '../../../../src/core/intel/feed-context.ts';
import type { StixObject } from '../../../../src/core/intel/stix-object.ts';
import { indicator } from './indicator-fixture.ts';

const indicatorId = 'indicator--00000000-0000-4000-8000-000000000001';

function actor(id: string, name: string, fields: StixObject = {}): StixObject {
  const [type] = id.split('--');
  return { type, id, name, modified: '2026-01-01T00:00:00Z', ...fields };
}

function indicates(target: string, fields: StixObject = {}): StixObject {
  return {
    type: 'relationship',
    id: `relationship--${target}`,
    relationship_type: 'indicates',
    source_ref: indicatorId,
    target_ref: target,
    modified: '2026-01-01T00:00:00Z',
    ...fields,
  };
}

function actorsOf(...objects: StixObject[]): readonly string[] {
  return new FeedContext().with(objects).actorsOf(indicatorId);
}

describe('FeedContext', () => {
  test('names intrusion sets, threat actors, campaigns and malware that an indicator indicates, sorted', () => {
    const targets = [
      'threat-actor--1',
      'intrusion-set--1',
      'campaign--1',
      'malware--1',
      'tool--1',
      'attack-pattern--1',
    ];
    const objects = targets.flatMap((target) => [indicates(target), actor(target, `The ${target}`)]);
    const expected = ['The campaign--1', 'The intrusion-set--1', 'The malware--1', 'The threat-actor--1'];
    expect(actorsOf(...objects)).toEqual(expected);
    expect(actorsOf(...objects.reverse())).toEqual(expected);
  });

  test('names an actor once, and none that is not indicated, not there or has no name', () => {
    expect(
      actorsOf(
        ...[indicates('threat-actor--1'), indicates('malware--1'), indicates('malware--2'), indicates('malware--3')],
        ...[actor('threat-actor--1', 'Blizzard'), actor('malware--1', 'Blizzard'), actor('malware--2', ' ')],
        ...[actor('campaign--1', 'Unrelated'), indicates('campaign--1', { source_ref: 'malware--1' })],
        indicates('campaign--1', { id: 'relationship--x', relationship_type: 'related-to' }),
      ),
    ).toEqual(['Blizzard']);
  });

  test('takes the newest version of actor and relationship, in both directions', () => {
    const [older, newer, newest] = ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.1Z', '2026-01-01T00:00:00.12Z'];
    const known = actor('malware--1', 'Loader');
    expect(actorsOf(known, indicates('malware--1'), actor('malware--1', 'Loader 2', { modified: newer }))).toEqual([
      'Loader 2',
    ]);
    expect(actorsOf(actor('malware--1', 'Loader 2', { modified: newer }), known, indicates('malware--1'))).toEqual([
      'Loader 2',
    ]);
    const revoked = indicates('malware--1', { revoked: true, modified: newer });
    expect(actorsOf(known, revoked, indicates('malware--1', { modified: older }))).toEqual([]);
    expect(actorsOf(known, revoked, indicates('malware--1', { modified: newest }))).toEqual(['Loader']);
    expect(actorsOf(known, indicates('malware--1'), { ...known, revoked: true, modified: newer })).toEqual([]);
  });

  test('forgets what an object said when a newer version of it says nothing', () => {
    const newer = { modified: '2026-01-02T00:00:00Z' };
    const known = [actor('malware--1', 'Loader'), indicates('malware--1')];
    expect(actorsOf(...known, actor('malware--1', '', newer))).toEqual([]);
    expect(actorsOf(...known, indicates('malware--1', { ...newer, relationship_type: 'related-to' }))).toEqual([]);
    expect(actorsOf(actor('malware--1', '', newer), ...known)).toEqual(['Loader']);
    const marking = { type: 'marking-definition', id: 'marking-definition--own', created: '2026-01-01T00:00:00Z' };
    const context = new FeedContext().with([{ ...marking, name: 'TLP:RED' }]);
    expect(context.with([{ ...marking, created: newer.modified, name: 'Ours' }]).tlpOf([marking.id])).toBe('');
  });

  test('names the creator of an indicator by its identity, whichever comes first, until that is revoked', () => {
    const identity = actor('identity--1', ' Harbour CERT ');
    const plain = indicator();
    const context = new FeedContext();
    const enriched = (...objects: StixObject[]): unknown =>
      context.with(objects).enrich(plain, '', [], 'identity--1').sourceName;
    expect(enriched()).toBeUndefined();
    expect(enriched(identity)).toBe('Harbour CERT');
    expect(enriched(actor('identity--2', 'Other'), actor('malware--1', 'Loader'))).toBeUndefined();
    expect(enriched(identity, { ...identity, revoked: true, modified: '2026-01-02T00:00:00Z' })).toBeUndefined();
    expect(context.with([actor('malware--1', 'Loader')]).enrich(plain, '', [], 'malware--1')).toBe(plain);
  });

  test('adds actors to those of labels, and the strictest level of markings the feed defines', () => {
    const context = new FeedContext().with([
      indicates('malware--1'),
      actor('malware--1', 'Loader'),
      { type: 'marking-definition', id: 'marking-definition--own', definition: { tlp: 'amber' } },
      { type: 'marking-definition', id: 'marking-definition--statement', definition: { statement: 'Copyright' } },
    ]);
    const markings = ['marking-definition--own', 'marking-definition--statement', 'marking-definition--unknown'];
    const plain = indicator({ actors: ['Zeta'], tlp: 'GREEN' });
    expect(context.enrich(plain, 'GREEN', markings)).toEqual({ ...plain, actors: ['Loader', 'Zeta'], tlp: 'AMBER' });
    expect(context.enrich(plain, 'RED', markings).tlp).toBe('RED');
    expect(context.enrich(plain, '', []).tlp).toBe('GREEN');
  });

  test('hands back the indicator itself, and the context itself, when there is nothing to add', () => {
    const objects = [actor('malware--1', 'Loader'), indicates('malware--1')];
    const context = new FeedContext().with(objects);
    const other = indicator({ id: 'indicator--other' });
    expect(context.enrich(other, '', [])).toBe(other);
    expect(context.with(objects)).toBe(context);
    expect(context.with([{ type: 'attack-pattern', id: 'attack-pattern--1', name: 'Scan' }])).toBe(context);
    expect(context.size).toBe(2);
  });

  test('keeps nothing of objects that are malformed', () => {
    const objects: StixObject[] = [
      {},
      { type: 'malware' },
      { type: 'malware', id: 5, name: 'x' },
      { type: 'malware', id: 'malware--1', name: 5 },
      { type: 'relationship', id: 'relationship--1', relationship_type: 'indicates', source_ref: 5, target_ref: null },
      { type: 'marking-definition', id: 'marking-definition--1', definition: null },
    ];
    expect(new FeedContext().with(objects).size).toBe(0);
  });
});
