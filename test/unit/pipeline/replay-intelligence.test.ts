import { expect, test } from 'vitest';
import { parseAddress } from '../../../src/core/address.ts';
import type { StixObject } from '../../../src/core/intel/stix-object.ts';
import { objectsAsOf, readReplayObjects, ReplayIntelligence } from '../../../src/pipeline/replay-intelligence.ts';
import { defaultRule, fileOf, KeptNotes, replaySource } from '../../support/replay-rig.ts';
import { indicator } from '../../support/rule-input.ts';

const first = indicator({ modified: '2026-02-01T00:00:10Z', confidence: 80 }).object;
const second = indicator({ modified: '2026-02-03T00:00:00Z', confidence: 90 }).object;
const revoked = indicator({ modified: '2026-02-05T00:00:00Z', revoked: true }).object;
const undated: StixObject = { type: 'marking-definition', id: 'marking-definition--1' };

const { minConfidence, excluded } = defaultRule;
const options = { source: replaySource, minConfidence, excluded, refreshMs: 60_000 };

function confidenceAt(intelligence: ReplayIntelligence, at: string): number | null {
  const sightings = intelligence.indexAt(Date.parse(at)).lookup(parseAddress('198.51.100.7')!);
  return sightings[0]?.indicator.confidence ?? null;
}

test('every version counts from the start unless asked otherwise: the newest alone is left', () => {
  const intelligence = new ReplayIntelligence([second, first], { ...options, asOf: false });
  expect(confidenceAt(intelligence, '2026-01-01T00:00:00Z')).toBe(90);
  expect(intelligence.nextChange).toBe(Number.POSITIVE_INFINITY);
});

test('as of the replayed time a version counts from the next refresh after its modified, whatever the order given', () => {
  const intelligence = new ReplayIntelligence([revoked, second, first, undated], { ...options, asOf: true });
  expect(confidenceAt(intelligence, '2026-02-01T00:00:59.999Z')).toBeNull();
  expect(intelligence.nextChange).toBe(Date.parse('2026-02-01T00:01:00Z'));
  expect(confidenceAt(intelligence, '2026-02-01T00:01:00Z')).toBe(80);
  expect(confidenceAt(intelligence, '2026-02-02T23:59:59Z')).toBe(80);
  expect(confidenceAt(intelligence, '2026-02-03T00:00:00Z')).toBe(90);
  expect(confidenceAt(intelligence, '2026-02-05T00:00:00Z')).toBeNull();
  expect(intelligence.reasonGone('dev', 'indicator--1', Date.parse('2026-02-05T00:00:00Z'))).toBe('indicator-revoked');
  expect(intelligence.nextChange).toBe(Number.POSITIVE_INFINITY);
});

test('objectsAsOf() keeps versions up to the instant, and what has none', () => {
  const all = [first, second, revoked, undated];
  expect(objectsAsOf(all, Date.parse('2026-02-03T00:00:00Z'))).toEqual([first, second, undated]);
});

test('bundles, TAXII envelopes, lists and bare objects give their objects in order; what is none is named', async () => {
  const said = new KeptNotes();
  const documents = [
    { type: 'bundle', id: 'bundle--1', objects: [first] },
    { more: false, objects: [second, 'no object'] },
    [revoked],
    undated,
    { type: 'bundle', id: 'bundle--2' },
    { hello: 'world' },
    'text',
  ].map((value) => JSON.stringify(value));
  const objects = await readReplayObjects(fileOf([...documents, '{"type":'], 'i.json'), said);
  expect(objects).toEqual([first, second, revoked, undated]);
  expect(said.problems).toEqual([
    'Cannot read i.json line 6 as it is no STIX bundle, object or list of objects',
    'Cannot read i.json line 7 as it is no STIX bundle, object or list of objects',
    expect.stringMatching(/^Cannot read i\.json line 8 as it is no JSON: /),
  ]);
});
