import { describe, expect, test } from 'vitest';
import { FeedWorld, type FeedReplica } from '../../support/feed-replica.ts';
import { until } from '../../support/state-rig.ts';

function worldOf(...names: string[]): FeedWorld {
  const world = new FeedWorld(...names);
  for (const feed of world.feeds) feed.add();
  return world;
}

const isUpToDate =
  (world: FeedWorld, ...replicas: FeedReplica[]) =>
  (): boolean =>
    replicas.every(({ version }) => version?.digest === world.digest());

async function untilUpToDate(world: FeedWorld, ...replicas: FeedReplica[]): Promise<void> {
  await until(world.realTime, isUpToDate(world, ...replicas), 500);
}

describe('FeedShare', () => {
  test('one replica polls, and all use the same versions', async () => {
    const world = worldOf('a', 'b');
    const replicas = ['one', 'two', 'three'].map((owner) => world.open(owner));
    await untilUpToDate(world, ...replicas);
    world.feeds[0]!.add();
    await untilUpToDate(world, ...replicas);
    expect(world.feeds.flatMap(({ polls }) => polls.filter(({ owner }) => owner !== 'one'))).toEqual([]);
    const versions = replicas.map(({ version }) => version);
    expect(versions).toEqual([versions[0], versions[0], versions[0]]);
    expect(replicas[1]!.shown.at(-1)).toEqual(versions[0]);
    expect(world.wrongs).toEqual([]);
  });

  test('says who leads and how the polls of the leader went', async () => {
    const world = worldOf('a');
    const [one, two] = [world.open('one'), world.open('two')];
    await untilUpToDate(world, one, two);
    await world.realTime.advance(240_000);
    expect(one.share.status).toMatchObject({ leads: true, leader: 'one', error: null });
    expect(two.share.status).toMatchObject({ leads: false, leader: 'one', error: null });
    const [led] = one.refresh.status;
    const [followed] = two.refresh.status;
    expect(followed).toMatchObject({ loaded: true, indicators: 1, lastSuccessMs: led!.lastSuccessMs, lastError: null });
    world.feeds[0]!.isDown = true;
    await until(world.realTime, () => two.refresh.status[0]!.lastError !== null, 500);
    expect(two.refresh.status[0]!.lastError!.message).toBe('the test ordered it');
  });

  test('a version is shown nowhere before the head that names it is committed', async () => {
    const world = worldOf('a');
    const one = world.open('one');
    const open = one.store.hold(['writeHead']);
    await world.realTime.advance(10_000);
    expect(one.shown).toEqual([]);
    open();
    await untilUpToDate(world, one);
    const hold = one.store.hold(['writeHead']);
    world.feeds[0]!.add();
    await world.realTime.advance(70_000);
    expect(world.feeds[0]!.polls.length).toBeGreaterThan(1);
    expect(one.shown.map(({ ordinal }) => ordinal)).toEqual([1]);
    hold();
    await untilUpToDate(world, one);
    expect(world.wrongs).toEqual([]);
  });

  test('a leader that was stopped while it committed shows nothing of it, and follows its successor', async () => {
    const world = worldOf('a');
    const [one, two] = [world.open('one'), world.open('two')];
    await untilUpToDate(world, one, two);
    const open = one.store.hold(['writeHead']);
    world.feeds[0]!.add();
    await until(world.realTime, () => one.store.calls.at(-1)?.method === 'writeHead', 500);
    one.suspend();
    await until(world.realTime, () => two.share.status.leads, 500);
    world.feeds[0]!.add();
    await untilUpToDate(world, two);
    one.resume();
    open();
    await untilUpToDate(world, one);
    expect(one.said('warn')).not.toContain('The feeds cannot be shared: another replica may poll them');
    expect(one.shown.map(({ ordinal }) => ordinal)).toEqual([1, two.version!.ordinal]);
    expect(one.share.status).toMatchObject({ leads: false, leader: 'two' });
    expect(world.wrongs).toEqual([]);
  });

  test('the next leader goes on from the cursor, also from one that moved without a change', async () => {
    const world = worldOf('a');
    const [one, two] = [world.open('one'), world.open('two')];
    await untilUpToDate(world, one, two);
    const [feed] = world.feeds;
    // The same version of the same indicator: the cursor moves, the index does not change.
    feed!.objects.push(feed!.objects[0]!);
    await until(world.realTime, () => two.refresh.status[0]!.cursor === '2', 500);
    expect(two.version!.ordinal).toBe(1);
    await one.stop();
    await until(world.realTime, () => feed!.polls.at(-1)?.owner === 'two', 500);
    expect(feed!.polls.at(-1)).toEqual({ owner: 'two', cursor: '2' });
  });

  test('all start anew with the version and the cursors they had', async () => {
    const world = worldOf('a', 'b');
    const before = [world.open('one'), world.open('two')];
    await untilUpToDate(world, ...before);
    const { version } = before[0]!;
    await Promise.all(before.map((replica) => replica.stop()));
    const after = [world.open('three'), world.open('four')];
    await untilUpToDate(world, ...after);
    await world.realTime.advance(5000);
    expect(after.map((each) => each.version)).toEqual([version, version]);
    const [a] = world.feeds;
    expect(a!.polls.filter(({ owner }) => owner === 'three' || owner === 'four')).toEqual([
      { owner: 'three', cursor: '1' },
    ]);
  });

  test('a set that cannot be read is fetched whole by the next leader, under a version of its own', async () => {
    const world = worldOf('a', 'b');
    const one = world.open('one');
    await untilUpToDate(world, one);
    const { ordinal } = one.version!;
    await one.stop();
    const [set] = world.head()!.current!.feeds;
    world.place.corrupt(set!.blob.name, 3);
    const two = world.open('two');
    await untilUpToDate(world, two);
    expect(world.feeds.map(({ polls }) => polls.at(-1))).toEqual([
      { owner: 'two', cursor: null },
      { owner: 'two', cursor: '1' },
    ]);
    expect(two.version!.ordinal).toBeGreaterThan(ordinal);
    expect(world.wrongs).toEqual([]);
  });

  test('a replica with other settings says so, and takes none of the sets it cannot use', async () => {
    const world = worldOf('a', 'b');
    const one = world.open('one');
    await untilUpToDate(world, one);
    const settingsOf = ({ name, settings }: (typeof world.feeds)[number]) =>
      name === 'a' ? { ...settings, useDstRef: true } : settings;
    const two = world.open('two', { settingsOf });
    await until(world.realTime, () => two.version !== null, 500);
    expect(two.refresh.status.map(({ loaded, cursor }) => [loaded, cursor])).toEqual([
      [false, null],
      [true, '1'],
    ]);
    expect(two.said('warn')).toContain(
      'The index differs from that of the replica that polls the feeds: their options must be the same',
    );
    await one.stop();
    await until(world.realTime, () => two.refresh.status.every(({ loaded }) => loaded), 500);
    expect(world.feeds[0]!.polls.at(-1)).toEqual({ owner: 'two', cursor: null });
    expect(two.shown.map(({ ordinal }) => ordinal)).toEqual(
      [...new Set(two.shown.map(({ ordinal }) => ordinal))].sort(),
    );
  });

  test('waits TI_START_TIMEOUT for the sets, and starts without them', async () => {
    const world = worldOf('a');
    const one = world.open('one');
    one.store.failNext(1_000_000);
    let isReady = false;
    void one.refresh.waitUntilReady(60_000, new AbortController().signal).then(() => {
      isReady = true;
    });
    await world.realTime.advance(59_000);
    expect(isReady).toBe(false);
    await world.realTime.advance(2000);
    expect(isReady).toBe(true);
    expect(one.shown).toEqual([]);
    one.store.heal();
    await untilUpToDate(world, one);
    expect(one.refresh.isReady).toBe(true);
  });
});

describe('reached()', () => {
  test('resolves when a version in use is of the ordinal or a later one', async () => {
    const world = worldOf('a');
    const [one, two] = [world.open('one'), world.open('two')];
    await untilUpToDate(world, one, two);
    let isReached = false;
    void two.share.reached(2, new AbortController().signal).then(() => {
      isReached = true;
    });
    await world.realTime.advance(5000);
    expect(isReached).toBe(false);
    world.feeds[0]!.add();
    await until(world.realTime, () => isReached, 500);
    expect(two.version!.ordinal).toBeGreaterThanOrEqual(2);
  });

  test('rejects when the signal aborts', async () => {
    const world = worldOf('a');
    const one = world.open('one');
    const stopping = new AbortController();
    const reached = one.share.reached(9, stopping.signal);
    await world.realTime.advance(500);
    stopping.abort();
    await expect(reached).rejects.toThrow('Cannot wait for index version 9 any longer as the shard was let go');
  });

  test.each(['one', 'two'])('has versions go on beyond a shared state that was lost, when %s waits', async (who) => {
    const world = worldOf('a');
    const replicas = { one: world.open('one'), two: world.open('two') };
    await untilUpToDate(world, replicas.one, replicas.two);
    const waiting = who === 'one' ? replicas.one : replicas.two;
    await waiting.share.reached(1, new AbortController().signal);
    let isReached = false;
    void waiting.share.reached(57, new AbortController().signal).then(() => {
      isReached = true;
    });
    await until(world.realTime, () => isReached, 500);
    await until(
      world.realTime,
      () => replicas.two.version!.ordinal === 58 && replicas.one.version!.ordinal === 58,
      500,
    );
    await until(
      world.realTime,
      () => ![...world.place.contents().keys()].some((name) => name.startsWith('wanted')),
      500,
    );
    expect(waiting.said('warn')).toContain('A shard waits for an index version');
    expect(world.wrongs).toEqual([]);
  });
});
