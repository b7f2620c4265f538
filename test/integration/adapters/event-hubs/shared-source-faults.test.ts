import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { originKey, type Origin, type Position } from '../../../../src/core/ports.ts';
import { startAzurite, type Azurite } from '../../../../src/dev/azurite.ts';
import { clock, streamOf } from '../../../support/event-hub-rig.ts';
import { ShardListener } from '../../../support/shard-listener.ts';
import { SharedGroup, type Member } from '../../../support/shared-group.ts';
import { sharedRig, type EventHubSharedRig } from '../../../support/shared-source-rig.ts';

let azurite: Azurite;
let rig: EventHubSharedRig;
let group: SharedGroup;

beforeAll(async () => {
  azurite = await startAzurite();
});

afterAll(async () => {
  await azurite.stop();
});

beforeEach(async () => {
  rig = await sharedRig(azurite.connectionString);
  group = new SharedGroup(rig);
});

afterEach(async () => {
  await rig[Symbol.asyncDispose]();
});

/** Lets a time pass in which nothing is waited for. */
async function pass(ms: number): Promise<void> {
  const begun = rig.realTime.nowMs();
  await rig.until(() => rig.realTime.nowMs() - begun > ms, 'time has passed');
}

function claimsOf(members: readonly Member[]): number {
  return members.reduce((sum, { listener }) => sum + listener.claims.length, 0);
}

function codesOf({ source }: Member): readonly (string | undefined)[] {
  return source.status().map(({ error }) => error?.code);
}

function at(origin: Origin, sequenceNumber: number): ReadonlyMap<string, Position> {
  return new Map([[originKey(origin), { sequenceNumber, offset: '0', enqueuedMs: 1 }]]);
}

test('a claim that is answered with no position begins with what was enqueued since', async () => {
  const [old, recent] = [clock.now() - 600_000, clock.now()];
  for (const [body, enqueuedMs] of [
    ['old', old],
    ['recent', recent],
  ] as const) {
    rig.broker.hub('logs').append('1', body, { enqueuedMs });
  }
  const listener = new ShardListener(group.ledger, 'a');
  await rig.open('a').source.start(listener, clock.now() - 300_000);
  await rig.until(() => listener.handed.has('1'), 'something is read');
  expect(listener.handed.get('1')).toEqual([1]);
});

test('an outage of the storage longer than ownership lasts takes nothing from anybody', async () => {
  const [a, b] = [await group.join('a'), await group.join('b')];
  await group.balanced([a, b]);
  const claims = claimsOf([a, b]);
  await Promise.all([a.suspend(), b.suspend()]);
  await pass(2 * rig.expiryMs);
  group.append(3);
  await group.taken();
  await rig.until(() => [a, b].every(({ source }) => source.errors().length > 0), 'the outage is told');
  await Promise.all([a.resume(), b.resume()]);
  await rig.until(() => [a, b].every(({ source }) => source.errors().length === 0), 'it is over');
  await pass(2 * rig.expiryMs);
  expect(claimsOf([a, b])).toBe(claims);
  group.append(3);
  await group.taken();
});

test('processes that start at once share fairly and take no link from each other', async () => {
  const many = await sharedRig(azurite.connectionString, 16);
  const members = new SharedGroup(many);
  const three = await Promise.all(['a', 'b', 'c'].map((name) => members.join(name)));
  await members.balanced(three);
  members.append(2);
  await members.taken();
  await many[Symbol.asyncDispose]();
});

test('a link that is taken while ownership stays is opened again, and nobody hears of it', async () => {
  const a = await group.join('a');
  await group.balanced([a]);
  const readerOf = (wanted: string): string | undefined =>
    rig.broker.faults.readers().find(({ partition }) => partition === wanted)?.name;
  await rig.until(() => readerOf('2') !== undefined, 'it is read');
  const before = readerOf('2');
  rig.broker.faults.detachReaders({ partition: '2', condition: 'amqp:link:stolen', description: 'New receiver' });
  await rig.until(() => ![before, undefined].includes(readerOf('2')), 'another reader is there');
  group.append(2);
  await group.taken();
  expect([a.listener.claims.length, a.listener.losses]).toEqual([4, []]);
});

test('a restart of the hub is read over with nothing skipped', async () => {
  const [a, b] = [await group.join('a'), await group.join('b')];
  await group.balanced([a, b]);
  group.append(2);
  await rig.broker.faults.down();
  await pass(rig.cycleMs);
  await rig.broker.faults.up();
  group.append(2);
  await group.taken();
  await group.balanced([a, b]);
});

test('a checkpoint that is told after the stop is written while nobody else owns the partition', async () => {
  const a = await group.join('a');
  group.append(4);
  await group.taken();
  const [first, second] = ['0', '1'].map((id) => group.origin(id, a));
  await a.stop();
  a.source.checkpoint(at(first!, 2));
  await a.stop();
  expect(await rig.checkpointOf('0')).toBe(2);
  const b = await group.join('b');
  await group.balanced([b]);
  a.source.checkpoint(at(second!, 2));
  await a.stop();
  expect(await rig.checkpointOf('1')).toBeNull();
});

test('a checkpoint of a partition that went to another is not written', async () => {
  const a = await group.join('a');
  group.append(4);
  await group.taken();
  const b = await group.join('b');
  await group.balanced([a, b]);
  const [lost = ''] = [...b.listener.held];
  a.source.checkpoint(at(group.origin(lost, a), 3));
  b.source.checkpoint(at(group.origin(lost, a), 1));
  await a.stop();
  await b.stop();
  expect(await rig.checkpointOf(lost)).toBe(1);
});

test('a hub that was made anew fails its partitions and skips nothing in silence', async () => {
  const a = await group.join('a');
  group.append(3);
  await group.taken();
  rig.broker.faults.reset('logs');
  rig.broker.hub('logs').append('0', 'new');
  await rig.until(() => codesOf(a).every((code) => code === 'hub_reset'), 'it is told');
  expect(group.ledger.numbers(group.origin('0', a))).toEqual([0, 1, 2]);
});

test('a hub that was made anew is claimed under its new incarnation where that is allowed, by all alike', async () => {
  const join = async (name: string): Promise<Member> => {
    const listener = new ShardListener(group.ledger, name);
    const member = { ...rig.openWith(name, { resetOnRecreate: true }), listener };
    await member.source.start(listener, 0);
    return member;
  };
  const a = await join('a');
  const b = await join('b');
  await group.balanced([a, b]);
  const before = group.origin('0', a);
  rig.append('0', 3);
  await rig.until(() => group.ledger.numbers(before).length === 3, 'it is read');
  for (const { source } of [a, b]) source.checkpoint(at(before, 2));
  await rig.until(() => [a, b].every(({ source }) => source.status().length === 4), 'both know');
  rig.broker.faults.reset('logs');
  rig.append('0', 2);
  const isNew = ({ incarnation }: Origin): boolean => incarnation > before.incarnation;
  const anew = (): readonly (Position | null)[] =>
    [a, b].flatMap(({ listener }) =>
      listener.claims.filter(({ origin }) => isNew(origin)).map((each) => each.checkpoint),
    );
  await rig.until(() => anew().length >= 4, 'all are claimed anew');
  const [after] = [a, b].flatMap(({ source }) => source.status().filter(({ origin }) => isNew(origin)));
  const origin = { ...before, incarnation: after!.origin.incarnation };
  await rig.until(() => group.ledger.numbers(origin).length === 2, 'it is read from its beginning');
  expect(group.ledger.numbers(origin)).toEqual([0, 1]);
  expect(anew().every((checkpoint) => checkpoint === null)).toBe(true);
  expect(group.ledger.offences).toEqual([]);
});

test('a hub whose checkpoints are of another incarnation only is not claimed', async () => {
  const a = await group.join('a');
  group.append(3);
  await group.taken();
  a.source.checkpoint(at(group.origin('0', a), 2));
  await a.stop();
  rig.broker.faults.reset('logs');
  const b = await group.join('b');
  expect(codesOf(b)).toEqual(rig.partitions.map(() => 'hub_reset'));
  await pass(3 * rig.cycleMs);
  expect(b.listener.claims).toEqual([]);
});

test('a missing hub is told with the option that named it', async () => {
  const listener = new ShardListener(group.ledger, 'a');
  const { source } = rig.openWith('a', { streams: [streamOf(rig.broker, `absent-${randomUUID()}`)] });
  await source.start(listener, 0);
  expect(source.errors()).toMatchObject([{ code: 'hub_not_found' }]);
  expect(source.errors()[0]?.message).toContain('ACTIVITY_HUB');
  expect(source.status()).toEqual([]);
});
