import { expect, test } from 'vitest';
import { allRepairs, noRepairs } from '../../../../src/core/kql/repair.ts';
import { confidenceOf, isActive, readVersions, tlpOf } from '../../../../src/core/kql/ti-version.ts';
import { indicator, ruleAt, ruleSource } from '../../../support/rule-input.ts';

test('readVersions() keeps every version and says which is the newest and whether that is revoked', () => {
  const versions = readVersions([
    indicator({ modified: '2026-02-03T00:00:00Z', revoked: true }),
    indicator({ modified: '2026-02-02T00:00:00Z' }),
    indicator({ id: 'indicator--2' }),
    indicator({ modified: '2026-02-02T00:00:00Z' }, { name: 'other' }),
  ]);
  expect(versions.map(({ isNewest, newestIsRevoked }) => [isNewest, newestIsRevoked])).toEqual([
    [true, true],
    [false, true],
    [true, false],
    [true, false],
  ]);
});

test('readVersions() orders versions by every digit of modified, and equal ones by their text, in any order of input', () => {
  const older = indicator({ modified: '2026-02-03T00:00:00.0000001Z', description: 'z' });
  const newer = indicator({ modified: '2026-02-03T00:00:00.0000002Z', description: 'a' });
  const twin = indicator({ modified: '2026-02-03T00:00:00.0000002Z', description: 'b' });
  for (const objects of [
    [older, newer, twin],
    [twin, newer, older],
    [newer, twin, older],
  ]) {
    const newest = readVersions(objects).filter(({ isNewest }) => isNewest);
    expect(newest.map((version) => version.indicator.description)).toEqual(['b']);
  }
});

test('readVersions() leaves out what is no indicator or names no version or validity', () => {
  const objects = [
    indicator({ type: 'malware' }),
    indicator({ id: undefined }),
    indicator({ modified: 'soon', created: undefined, valid_from: undefined }),
    indicator({ valid_until: 'never' }),
  ];
  expect(readVersions(objects)).toEqual([]);
});

test('a TLP level comes from a marking that the feed defines, and only in the repaired semantics from the feed itself', () => {
  const id = 'marking-definition--0c6f3b0e-9d4c-4b52-8f43-000000000001';
  const marking = { type: 'marking-definition', id, definition_type: 'tlp', definition: { tlp: 'amber' } };
  const [marked, unmarked] = readVersions([
    indicator({ object_marking_refs: [id] }, { tlp: 'GREEN' }),
    indicator({ id: 'indicator--2' }, { tlp: 'GREEN' }),
    { source: ruleSource, object: marking },
  ]);
  expect([tlpOf(marked!, noRepairs), tlpOf(marked!, allRepairs)]).toEqual(['AMBER', 'AMBER']);
  expect([tlpOf(unmarked!, noRepairs), tlpOf(unmarked!, allRepairs)]).toEqual(['', 'GREEN']);
});

test('an absent confidence is the one of the feed in the repaired semantics alone', () => {
  const [version] = readVersions([indicator({ confidence: undefined }, { defaultConfidence: 80 })]);
  expect([confidenceOf(version!, noRepairs), confidenceOf(version!, allRepairs)]).toEqual([null, 80]);
  expect([isActive(version!, ruleAt, 75, noRepairs), isActive(version!, ruleAt, 75, allRepairs)]).toEqual([
    false,
    true,
  ]);
});

test('validity begins at valid_from and ends before valid_until in both semantics', () => {
  const until = new Date(ruleAt).toISOString();
  const [ended, begun, notYet] = readVersions([
    indicator({ id: 'indicator--1', valid_until: until }),
    indicator({ id: 'indicator--2', valid_from: until }),
    indicator({ id: 'indicator--3', valid_from: new Date(ruleAt + 1).toISOString() }),
  ]);
  for (const repairs of [noRepairs, allRepairs])
    expect([ended, begun, notYet].map((version) => isActive(version!, ruleAt, 75, repairs))).toEqual([
      false,
      true,
      false,
    ]);
});
