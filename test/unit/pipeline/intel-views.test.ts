import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../src/core/address.ts';
import { Engine } from '../../../src/core/engine.ts';
import { IndicatorCatalogue } from '../../../src/core/intel/catalogue.ts';
import type { StixObject } from '../../../src/core/intel/stix-object.ts';
import { intelViews } from '../../../src/pipeline/intel-views.ts';
import type { IntelView } from '../../../src/pipeline/views.ts';
import { allowListsOf } from '../../support/allow-list-builder.ts';
import { engineOptions, excludedSet, usualSetting } from '../../support/engine-builder.ts';
import { SteppingRealTime } from '../../support/stepping-real-time.ts';
import { SteppingClock } from '../../support/stepping-clock.ts';
import { source, stixIndicator } from '../core/intel/indicator-fixture.ts';

const now = Date.UTC(2026, 2, 2, 12);
const ip = '198.51.100.7';

function rig(objects: readonly StixObject[], onTurn: () => void = () => undefined) {
  const { excludedRanges } = usualSetting;
  const options = engineOptions(usualSetting);
  const engine = new Engine(options, { firstBoundary: now, warmUntil: null });
  const catalogue = new IndicatorCatalogue(100_000);
  const readiness = { ready: true, reason: 'ready' };
  const realTime = new SteppingRealTime();
  let readMs = 0;
  realTime.nowMs = () => (readMs += 1); // Time passes as work is done.
  const views = intelViews({
    engine,
    catalogue,
    minConfidence: 75,
    feeds: ['feed-a', 'feed-b'],
    clock: new SteppingClock(now),
    realTime,
    yieldTurn: () => {
      onTurn();
      return Promise.resolve();
    },
    readiness: () => readiness,
  });
  const index = (): void => {
    const built = catalogue.build({ minConfidence: 75, excluded: excludedSet(excludedRanges), ordinal: 7 });
    engine.setIndex(built, () => 'indicator-deleted', now);
  };
  catalogue.apply(source, objects, { full: true });
  index();
  const intel = (text = ip): Promise<IntelView> => views.intel(parseAddress(text)!);
  return { engine, catalogue, views, readiness, index, intel };
}

const numbered = (at: number, fields: StixObject = {}): StixObject =>
  stixIndicator({ id: `indicator--${at}`, ...fields });

describe('intel()', () => {
  const verdicts: [string, StixObject[]][] = [
    ['matches: 1 indicator counts, confidence 90', [numbered(1)]],
    [
      'matches: 2 indicators count, best confidence 95',
      [numbered(1), numbered(2, { confidence: 95 }), numbered(3, { revoked: true })],
    ],
    ['does not match: no indicator names it', [numbered(1, { pattern: "[ipv4-addr:value = '203.0.113.9']" })]],
    ['does not match: the only indicator that names it is revoked', [numbered(1, { revoked: true })]],
    [
      'does not match: each of the 2 indicators that name it is no longer valid',
      [1, 2].map((at) => numbered(at, { valid_until: '2026-02-01T00:00:00Z' })),
    ],
    [
      'does not match: none of the 3 indicators that name it counts (2 revoked, 1 low_confidence)',
      [numbered(1, { revoked: true }), numbered(2, { revoked: true }), numbered(3, { confidence: 10 })],
    ],
  ];
  test.each(verdicts)('says: %s', async (verdict, objects) => {
    const view = await rig(objects).intel();
    expect(view).toMatchObject({ ip, verdict, matches: verdict.startsWith('matches'), excludedBy: null });
  });

  test('says of an excluded address by which block it is never looked up', async () => {
    const view = await rig([numbered(1, { pattern: "[ipv4-addr:value = '10.1.2.3']" })]).intel('10.1.2.3');
    expect(view).toMatchObject({
      verdict: 'is never looked up: it lies in 10.0.0.0/8 of EXCLUDED_RANGES',
      matches: false,
      excluded: true,
      excludedBy: '10.0.0.0/8',
      indicators: [{ reason: 'excluded_range' }],
    });
  });

  test('says of an address under a list that drops that indicators count and do not match, and waits for no index', async () => {
    const { intel, engine, catalogue } = rig([numbered(1)]);
    engine.swapAllowLists(allowListsOf(['drop', ip], ['lower', ip], ['drop', '198.51.100.0/24']), now);
    const lists = 'allow lists list-0, list-2, where matches are dropped';
    expect(await intel()).toMatchObject({
      verdict: `does not match: 1 indicator counts, but it lies under ${lists}`,
      matches: false,
      counting: 1,
      allowLists: [
        { name: 'list-0', action: 'drop' },
        { name: 'list-1', action: 'lower' },
        { name: 'list-2', action: 'drop' },
      ],
    });
    catalogue.apply(source, [numbered(2)], { full: false });
    expect((await intel()).verdict).toMatch(/2 indicators count, .* dropped; lookups will see it/);
  });

  test('says nothing of the lists where no indicator counts, but names them', async () => {
    const { intel, engine } = rig([numbered(1, { revoked: true })]);
    engine.swapAllowLists(allowListsOf(['drop', ip]), now);
    expect(await intel()).toMatchObject({
      verdict: 'does not match: the only indicator that names it is revoked',
      allowLists: [{ name: 'list-0', action: 'drop' }],
    });
  });

  test('says why nothing is looked up while the service is not ready', async () => {
    const { intel, readiness } = rig([numbered(1)]);
    Object.assign(readiness, { ready: false, reason: 'State is being restored' });
    const verdict = 'is not looked up here: State is being restored';
    expect(await intel()).toMatchObject({ verdict, matches: false, counting: 1 });
  });

  test('says that lookups do not see yet what was taken after the last build of the index', async () => {
    const { intel, catalogue, index } = rig([numbered(1)]);
    catalogue.apply(source, [numbered(2)], { full: false });
    expect((await intel()).verdict).toMatch(/^matches: 2 .*; lookups will see it once the next index is built$/);
    index();
    expect((await intel()).verdict).toMatch(/^matches: 2 indicators count, best confidence 90$/);
  });

  test('shows of each indicator what decides, with its times as text', async () => {
    const pattern = `[ipv4-addr:value = '198.51.100.0/24'] START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z'`;
    const view = await rig([numbered(1, { pattern, valid_until: '2028-01-01T00:00:00Z' })]).intel();
    expect(view.indicators).toEqual([
      {
        source: 'feed-a',
        id: 'indicator--1',
        sourceName: '',
        counts: false,
        reason: 'expired',
        observables: [
          {
            value: '198.51.100.0/24',
            range: '198.51.100.0/24',
            validFrom: '2026-01-01T00:00:00Z',
            validUntil: '2026-02-01T00:00:00Z',
            counts: false,
            reason: 'expired',
          },
        ],
        confidence: 90,
        statedConfidence: 90,
        modified: '2026-01-01T00:00:00.000Z',
        validFrom: '2026-01-01T00:00:00Z',
        validUntil: '2028-01-01T00:00:00Z',
        validUntilGiven: true,
        revoked: false,
        revocationIgnored: false,
        description: '',
        pattern,
        types: ['malicious-activity'],
        labels: [],
        tlp: '',
        actors: [],
        skipped: [],
      },
    ]);
  });

  test('tells pinned, candidate and unknown addresses apart', async () => {
    const { intel, engine } = rig([numbered(1)]);
    engine.store.update(parseAddress('203.0.113.9')!, () => undefined);
    engine.store.pin(parseAddress(ip)!, false);
    const standings = await Promise.all([ip, '203.0.113.9', '203.0.113.10'].map((text) => intel(text)));
    expect(standings.map(({ standing }) => standing)).toEqual(['pinned', 'candidate', 'unknown']);
  });

  test('lets others have their turn, and answers one request after the other', async () => {
    let turns = 0;
    const { views, intel } = rig(
      Array.from({ length: 5_000 }, (_, at) => numbered(at)),
      () => (turns += 1),
    );
    const turnsAt: number[] = [];
    const note = (): number => turnsAt.push(turns);
    const first = intel().then(note);
    const second = views.skipped({ feed: null, reason: null, limit: 10, cursor: null }).then(note);
    await Promise.all([first, second]);
    const [afterFirst = 0, afterSecond = 0] = turnsAt;
    expect(afterFirst).toBeGreaterThan(10);
    expect(afterSecond).toBeGreaterThan(2 * afterFirst - 10);
  });

  test('answers the next request though the one before it failed', async () => {
    const { intel, readiness } = rig([numbered(1)]);
    Object.defineProperty(readiness, 'ready', {
      configurable: true,
      get: () => {
        throw new Error('broken');
      },
    });
    const failing = intel();
    await expect(failing).rejects.toThrow('broken');
    Object.defineProperty(readiness, 'ready', { value: true });
    expect((await intel()).matches).toBe(true);
  });
});

describe('skipped()', () => {
  test('lists what is not indexed with its reasons, beside the counts of each feed', async () => {
    const dst = "[network-traffic:dst_ref.value = '198.51.100.7' OR domain-name:value = 'evil.example']";
    const objects = [
      numbered(1),
      numbered(2, { pattern: dst }),
      numbered(3, { confidence: 10 }),
      { type: 'indicator' },
    ];
    const { views } = rig(objects);
    const query = { feed: null, reason: null, limit: 100, cursor: null };
    expect(await views.skipped(query)).toEqual({
      asOf: '2026-03-02T12:00:00Z',
      feeds: [
        {
          source: 'feed-a',
          held: 3,
          indexed: 1,
          skipped: { dst_ref: 1, no_address: 1, low_confidence: 1, invalid_object: 1 },
          unidentified: 1,
          revocationsIgnored: 0,
        },
      ],
      items: [
        {
          source: 'feed-a',
          id: 'indicator--2',
          reasons: ['no_address', 'dst_ref'],
          modified: '2026-01-01T00:00:00.000Z',
          confidence: 90,
          pattern: dst,
        },
        {
          source: 'feed-a',
          id: 'indicator--3',
          reasons: ['low_confidence'],
          modified: '2026-01-01T00:00:00.000Z',
          confidence: 10,
          pattern: "[ipv4-addr:value = '198.51.100.7']",
        },
      ],
      nextCursor: null,
    });
    const page = await views.skipped({ ...query, limit: 1 });
    expect(page.nextCursor).toEqual({ source: 'feed-a', id: 'indicator--2' });
    expect((await views.skipped({ ...query, reason: 'low_confidence' })).items).toHaveLength(1);
    expect((await views.skipped({ ...query, feed: 'feed-b' })).items).toEqual([]);
    expect(views.feeds()).toEqual(['feed-a', 'feed-b']);
  });

  test('shows the beginning of a long pattern', async () => {
    const pattern = `[ipv4-addr:value IN ('198.51.100.7'${", '198.51.100.8'".repeat(300)})]`;
    const { views } = rig([numbered(1, { pattern, revoked: true })]);
    const { items } = await views.skipped({ feed: null, reason: null, limit: 1, cursor: null });
    expect(items.map((item) => item.pattern)).toEqual([pattern.slice(0, 500)]);
  });
});
