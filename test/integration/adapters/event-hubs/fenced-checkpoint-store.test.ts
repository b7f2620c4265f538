import type { Checkpoint, PartitionOwnership } from '@azure/event-hubs';
import { BlobCheckpointStore } from '@azure/eventhubs-checkpointstore-blob';
import type { ContainerClient } from '@azure/storage-blob';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ExclusiveClaims } from '../../../../src/adapters/event-hubs/exclusive-claims.ts';
import { FencedCheckpointStore } from '../../../../src/adapters/event-hubs/fenced-checkpoint-store.ts';
import type { Position } from '../../../../src/core/ports.ts';
import { startAzurite, type Azurite } from '../../../../src/dev/azurite.ts';
import { newContainer, time } from '../../../support/event-hub-rig.ts';

const place = {
  fullyQualifiedNamespace: 'Name.servicebus.windows.net',
  eventHubName: 'Logs',
  consumerGroup: '$Default',
};
const where = [place.fullyQualifiedNamespace, place.eventHubName, place.consumerGroup] as const;

let azurite: Azurite;
let container: ContainerClient;

beforeAll(async () => {
  azurite = await startAzurite();
});

afterAll(async () => {
  await azurite.stop();
});

beforeEach(async () => {
  container = await newContainer(azurite.connectionString);
});

interface Overrides {
  readonly positions?: Map<string, Position>;
  readonly running?: boolean;
  readonly exclusive?: boolean;
}

function open(identifier: string, overrides: Overrides = {}) {
  return new FencedCheckpointStore({
    container,
    identifier,
    isRunning: () => overrides.running ?? true,
    exclusive: overrides.exclusive === true ? new ExclusiveClaims({ identifier, leaseMs: 60_000, time }) : null,
    positions: () => overrides.positions ?? new Map(),
    time,
  });
}

function claimBy(ownerId: string, partitionId = '0', etag?: string): PartitionOwnership {
  return { ...place, ownerId, partitionId, ...(etag !== undefined && { etag }) };
}

function checkpoint(sequenceNumber: number, partitionId = '0'): Checkpoint & Pick<Position, 'enqueuedMs'> {
  return { ...place, partitionId, sequenceNumber, offset: String(sequenceNumber * 100), enqueuedMs: sequenceNumber };
}

async function written(partition = '0'): Promise<Checkpoint | undefined> {
  const base = new BlobCheckpointStore(container);
  return (await base.listCheckpoints(...where)).find(({ partitionId }) => partitionId === partition);
}

test('exactly one of many first claims of a partition wins', async () => {
  const owners = Array.from({ length: 8 }, (_, at) => `owner-${at}`);
  const claims = await Promise.all(owners.map((owner) => open(owner).claimOwnership([claimBy(owner)])));
  expect(claims.filter((won) => won.length === 1)).toHaveLength(1);
  const [winner] = claims.flat();
  const [listed] = await open('reader').listOwnership(...where);
  expect(listed).toMatchObject({ ownerId: winner?.ownerId, partitionId: '0' });
});

test('a claim by the etag of a listing wins once', async () => {
  const [first, second] = [open('first'), open('second')];
  await first.claimOwnership([claimBy('first')]);
  const [listed] = await second.listOwnership(...where);
  expect(await second.claimOwnership([claimBy('second', '0', listed?.etag)])).toHaveLength(1);
  expect(await first.claimOwnership([claimBy('first', '0', listed?.etag)])).toEqual([]);
  await first.listOwnership(...where);
  expect([first.owns('0'), first.ownerOf('0'), second.owns('0')]).toEqual([false, 'second', true]);
});

test('a partition of ours that nobody reads is listed as free, one of another is not', async () => {
  await open('ours').claimOwnership([claimBy('ours', '0')]);
  await open('other').claimOwnership([claimBy('other', '1')]);
  const listed = await open('ours', { running: false }).listOwnership(...where);
  expect(listed.map(({ ownerId }) => ownerId)).toEqual(['', 'other']);
  expect((await open('ours').listOwnership(...where)).map(({ ownerId }) => ownerId)).toEqual(['ours', 'other']);
});

test('readers resume from the positions of the process, whatever the blobs say', async () => {
  await new BlobCheckpointStore(container).updateCheckpoint(checkpoint(500));
  const positions = new Map([['1', { sequenceNumber: 7, offset: '700', enqueuedMs: 1 }]]);
  const listed = await open('ours', { positions }).listCheckpoints(...where);
  expect(listed).toEqual([{ ...place, partitionId: '1', sequenceNumber: 7, offset: '700' }]);
});

test('a checkpoint moves forwards only', async () => {
  const store = open('ours');
  await store.claimOwnership([claimBy('ours')]);
  await store.writeCheckpoint(checkpoint(5), 1);
  await store.writeCheckpoint(checkpoint(3), 1);
  expect(await written()).toMatchObject({ sequenceNumber: 5, offset: '500' });
  await store.writeCheckpoint(checkpoint(9), 1);
  expect(await written()).toMatchObject({ sequenceNumber: 9, offset: '900' });
});

test('a process that lost its partition cannot overwrite the checkpoint of the new owner', async () => {
  const [old, next] = [open('old'), open('next')];
  await old.claimOwnership([claimBy('old')]);
  await old.writeCheckpoint(checkpoint(5), 1);
  const [listed] = await next.listOwnership(...where);
  await next.claimOwnership([claimBy('next', '0', listed?.etag)]);
  await next.writeCheckpoint(checkpoint(20), 1);
  // It has not heard of the new owner yet, and what it remembers of the blob is stale.
  await old.writeCheckpoint(checkpoint(9), 1);
  expect(await written()).toMatchObject({ sequenceNumber: 20 });
  await old.writeCheckpoint(checkpoint(30), 1);
  expect(await written()).toMatchObject({ sequenceNumber: 20 });
  await old.listOwnership(...where);
  await old.writeCheckpoint(checkpoint(30), 1);
  expect(await written()).toMatchObject({ sequenceNumber: 20 });
});

test('the base store lets an older checkpoint overwrite a newer one, which is why it is fenced', async () => {
  const base = new BlobCheckpointStore(container);
  await base.updateCheckpoint(checkpoint(20));
  await base.updateCheckpoint(checkpoint(9));
  expect(await written()).toMatchObject({ sequenceNumber: 9 });
});

test('blobs have the names of the base store', async () => {
  const store = open('ours');
  await store.claimOwnership([claimBy('ours')]);
  await store.writeCheckpoint(checkpoint(1), 1);
  const own: string[] = [];
  for await (const { name } of container.listBlobsFlat()) own.push(name);
  const other = await newContainer(azurite.connectionString);
  const base = new BlobCheckpointStore(other);
  await base.claimOwnership([claimBy('ours')]);
  await base.updateCheckpoint(checkpoint(1));
  const theirs: string[] = [];
  for await (const { name } of other.listBlobsFlat()) theirs.push(name);
  expect(own).toEqual(theirs);
});

test('a checkpoint of another incarnation of the hub replaces any, in whichever order', async () => {
  const store = open('ours');
  await store.claimOwnership([claimBy('ours')]);
  await store.writeCheckpoint(checkpoint(50), 1);
  await store.writeCheckpoint(checkpoint(2), 2);
  expect(await written()).toMatchObject({ sequenceNumber: 2 });
  const next = open('ours');
  await next.listOwnership(...where);
  await next.writeCheckpoint(checkpoint(1), 2);
  expect(await written()).toMatchObject({ sequenceNumber: 2 });
  await next.writeCheckpoint(checkpoint(1), 3);
  expect(await written()).toMatchObject({ sequenceNumber: 1 });
});

test('the client itself writes no checkpoint', async () => {
  const store = open('ours');
  await store.claimOwnership([claimBy('ours')]);
  await expect(store.updateCheckpoint(checkpoint(5))).rejects.toThrow('Cannot write a checkpoint');
  expect(await written()).toBeUndefined();
});

test('a checkpoint may follow after the partition was released, until another process owns it', async () => {
  const [ours, next] = [open('ours'), open('next')];
  await ours.claimOwnership([claimBy('ours')]);
  await ours.release(...where);
  await ours.writeCheckpoint(checkpoint(5), 1);
  expect(await written()).toMatchObject({ sequenceNumber: 5 });
  const [listed] = await next.listOwnership(...where);
  await next.claimOwnership([claimBy('next', '0', listed?.etag)]);
  await ours.writeCheckpoint(checkpoint(9), 1);
  expect(await written()).toMatchObject({ sequenceNumber: 5 });
});

test('a store that is to have every partition sees those of others as free, and its claim wins', async () => {
  const [old, next] = [open('old', { exclusive: true }), open('next', { exclusive: true })];
  await old.claimOwnership([claimBy('old', '0'), claimBy('old', '1')]);
  const listed = await next.listOwnership(...where);
  expect(listed.map(({ ownerId }) => ownerId)).toEqual(['', '']);
  const won = await next.claimOwnership(listed.map((each) => ({ ...each, ownerId: 'next' })));
  expect(won.map(({ partitionId }) => partitionId)).toEqual(['0', '1']);
  expect((await open('reader').listOwnership(...where)).map(({ ownerId }) => ownerId)).toEqual(['next', 'next']);
});

test('a store whose partitions were taken leaves them to the one that took them', async () => {
  const [old, next] = [open('old', { exclusive: true }), open('next', { exclusive: true })];
  await old.claimOwnership([claimBy('old')]);
  const [free] = await next.listOwnership(...where);
  await next.claimOwnership([claimBy('next', '0', free?.etag)]);
  const [taken] = await old.listOwnership(...where);
  expect(taken?.ownerId).toBe('next');
  expect(await old.claimOwnership([claimBy('old', '0', taken?.etag)])).toEqual([]);
  await next.release(...where);
  const [released] = await old.listOwnership(...where);
  expect(await old.claimOwnership([claimBy('old', '0', released?.etag)])).toHaveLength(1);
});

test('release() gives away what is ours and leaves the rest', async () => {
  const [ours, other] = [open('ours'), open('other')];
  await ours.claimOwnership([claimBy('ours', '0'), claimBy('ours', '1')]);
  await other.claimOwnership([claimBy('other', '2')]);
  await ours.release(...where);
  expect((await other.listOwnership(...where)).map(({ ownerId }) => ownerId)).toEqual(['', '', 'other']);
});

test('a retired store claims nothing', async () => {
  const store = open('ours');
  store.retire();
  expect(await store.claimOwnership([claimBy('ours')])).toEqual([]);
  expect(await open('other').listOwnership(...where)).toEqual([]);
});

test('a listing that fails tells the status that the storage answered', async () => {
  await container.delete();
  await expect(open('ours').listOwnership(...where)).rejects.toMatchObject({ name: 'RestError', statusCode: 404 });
});
