import { beforeEach, describe, expect, test } from 'vitest';
import type { RoutedHub } from '../../../../src/core/route/correlation-event.ts';
import { KnownHubs, originsOf } from '../../../../src/core/route/known-hubs.ts';

function hubOf(hub: string, partitions: readonly string[], incarnation = 1): RoutedHub {
  const ids = partitions.map((partition) => ({ partition, watermarkMs: null, seesSinceMs: null }));
  return { namespace: 'east', hub, incarnation, partitions: ids };
}

describe('KnownHubs', () => {
  let known: KnownHubs;

  beforeEach(() => {
    known = new KnownHubs(['east/activity', 'east/sign-ins']);
  });

  test('waits for a hub that nobody has told of as a whole', () => {
    expect(known.expected()).toEqual(['east/activity/*', 'east/sign-ins/*']);
    known.learn([hubOf('activity', ['0'])]);
    expect(known.expected()).toEqual(['east/sign-ins/*', 'east/activity/0@1']);
  });

  test('waits for every partition of the hubs that were told of', () => {
    expect(known.learn([hubOf('activity', ['0', '1']), hubOf('sign-ins', ['0'])])).toBe(true);
    expect(known.expected()).toEqual(['east/activity/0@1', 'east/activity/1@1', 'east/sign-ins/0@1']);
  });

  test('learns nothing from what it knows', () => {
    known.learn([hubOf('activity', ['0', '1'])]);
    expect(known.learn([hubOf('activity', ['0', '1'])])).toBe(false);
    expect(known.learn([])).toBe(false);
  });

  test('believes the router that knows of more partitions', () => {
    known.learn([hubOf('activity', ['0', '1'])]);
    expect(known.learn([hubOf('activity', ['0'])])).toBe(false);
    expect(known.learn([hubOf('activity', ['0', '1', '2'])])).toBe(true);
    expect(known.expected()).toContain('east/activity/2@1');
  });

  test('believes the router that knows of the newer hub', () => {
    known.learn([hubOf('activity', ['0', '1'], 2)]);
    expect(known.learn([hubOf('activity', ['0', '1', '2'], 1)])).toBe(false);
    expect(known.learn([hubOf('activity', ['0'], 3)])).toBe(true);
    expect(known.expected()).toEqual(['east/sign-ins/*', 'east/activity/0@3']);
  });

  test('never waits for a hub that is not configured, though a router of an earlier configuration tells of it', () => {
    expect(known.learn([hubOf('retired', ['0'])])).toBe(false);
    expect(known.expected()).toEqual(['east/activity/*', 'east/sign-ins/*']);
  });
});

describe('originsOf()', () => {
  test('names each partition with its watermark', () => {
    const partitions = [
      { partition: '0', watermarkMs: 5, seesSinceMs: 3 },
      { partition: '1', watermarkMs: null, seesSinceMs: null },
    ];
    expect(originsOf({ namespace: 'east', hub: 'activity', incarnation: 7, partitions })).toEqual([
      { key: 'east/activity/0@7', ms: 5, seesSinceMs: 3 },
      { key: 'east/activity/1@7', ms: null, seesSinceMs: null },
    ]);
  });
});
