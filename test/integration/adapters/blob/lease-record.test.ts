import { randomUUID } from 'node:crypto';
import type { ContainerClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openContainer } from '../../../../src/adapters/blob/container.ts';
import { BlobLeaseRecord } from '../../../../src/adapters/blob/lease-record.ts';
import { realTime } from '../../../../src/adapters/system/clock.ts';
import type { LeaseRecord } from '../../../../src/core/ports.ts';
import { startAzurite, type Azurite } from '../../../../src/dev/azurite.ts';
import { KeptLease } from '../../../../src/pipeline/kept-lease.ts';
import { leaseLaws, take } from '../../../contract/lease.ts';
import { newContainer } from '../../../support/event-hub-rig.ts';
import { untilTrue } from '../../../support/lease-rig.ts';
import { startLossyProxy, type Fate, type LossyProxy } from '../../../support/lossy-proxy.ts';
import { MemoryLog } from '../../../support/memory-log.ts';
import { SteppingClock } from '../../../support/stepping-clock.ts';
import { SteppingRealTime } from '../../../support/stepping-real-time.ts';

/** The shortest that the storage takes. */
const durationMs = 15_000;
const blobName = 'state/lease';
let azurite: Azurite;

beforeAll(async () => {
  azurite = await startAzurite();
});

afterAll(async () => {
  await azurite.stop();
});

function recordOn(container: ContainerClient, identifier: string): BlobLeaseRecord {
  return new BlobLeaseRecord(container, blobName, { identifier, durationMs });
}

function leaseOn(container: ContainerClient, identifier: string): KeptLease {
  return new KeptLease(recordOn(container, identifier), { durationMs, realTime, log: new MemoryLog() });
}

leaseLaws('blob', async () => {
  const container = await newContainer(azurite.connectionString);
  return {
    durationMs,
    realTime,
    takeoverMs: durationMs - 1,
    open: (identifier) => leaseOn(container, identifier),
    until: untilTrue,
    breakHeld: async () => {
      await container.getBlobClient(blobName).getBlobLeaseClient().breakLease(0);
    },
    [Symbol.asyncDispose]: async () => {
      await container.deleteIfExists();
    },
  };
});

test('a lease on a blob is lost when its time is over by its holder, whatever the storage says later', async () => {
  const container = await newContainer(azurite.connectionString);
  const time = new SteppingRealTime();
  const record = recordOn(container, 'first');
  const answers = Promise.withResolvers<null>();
  const renewals: Promise<boolean>[] = [];
  const late: LeaseRecord = {
    take: () => record.take(),
    renew: async () => {
      const renewal = record.renew();
      renewals.push(renewal);
      await answers.promise;
      return renewal;
    },
    free: () => record.free(),
  };
  const held = await take(new KeptLease(late, { durationMs, realTime: time, log: new MemoryLog() }));
  await time.advance(durationMs);
  expect(held.lost.aborted).toBe(true);
  expect(await Promise.all(renewals)).toEqual([true]);
  answers.resolve(null);
  expect(await recordOn(container, 'second').take()).toEqual({ taken: false, holder: 'first' });
  expect(held.lost.aborted).toBe(true);
});

test('a process takes a lease again that it holds, and another does not', async () => {
  const container = await newContainer(azurite.connectionString);
  const record = recordOn(container, 'Zoë/1 <a>');
  expect(await record.take()).toEqual({ taken: true });
  expect(await record.take()).toEqual({ taken: true });
  expect(await recordOn(container, 'second').take()).toEqual({ taken: false, holder: 'Zoë/1 <a>' });
  await record.free();
  await record.free();
  expect(await record.renew()).toBe(false);
});

test('a lease whose blob was deleted is not held any more', async () => {
  const container = await newContainer(azurite.connectionString);
  const record = recordOn(container, 'first');
  await record.take();
  await container.getBlobClient(blobName).getBlobLeaseClient().breakLease(0);
  await container.deleteBlob(blobName);
  expect(await record.renew()).toBe(false);
  await record.free();
  expect(await record.take()).toEqual({ taken: true });
});

test.each([0, 14_000, 61_000, 15_500, -1])('a duration of %i ms is told with the option', async (ms) => {
  const container = await newContainer(azurite.connectionString);
  expect(() => new BlobLeaseRecord(container, blobName, { identifier: 'first', durationMs: ms })).toThrow(
    /15 to 60 whole seconds, check LEASE_DURATION/,
  );
});

describe('a lease on a blob behind a lossy network', () => {
  interface LossyRecord extends AsyncDisposable {
    readonly record: BlobLeaseRecord;
    readonly other: BlobLeaseRecord;
    readonly proxy: LossyProxy;
  }

  async function lossyRecord(): Promise<LossyRecord> {
    const proxy = await startLossyProxy(azurite.connectionString);
    const name = `c-${randomUUID()}`;
    const [lossy, direct] = [proxy.connectionString, azurite.connectionString].map((connectionString) =>
      openContainer({ connectionString }, name, new SteppingClock(0)),
    );
    const containers = await Promise.all([lossy!, direct!]);
    const [first, second] = containers.map((opened) => {
      if (!opened.ok) throw new Error(opened.error.message);
      return opened.container;
    });
    return {
      proxy,
      record: recordOn(first!, 'first'),
      other: recordOn(second!, 'second'),
      [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
    };
  }

  /** The fate for the first `count` requests about the lease. */
  function fateOf(count: number, fate: Fate): LossyProxy['fate'] {
    let left = count;
    return (_method, url) => (url.includes('comp=lease') && left-- > 0 ? fate : 'pass');
  }

  test('is found taken although the answer was lost', async () => {
    await using rig = await lossyRecord();
    await rig.record.take();
    await rig.record.free();
    rig.proxy.fate = fateOf(1, 'lose answer');
    expect(await rig.record.take()).toEqual({ taken: true });
    expect(await rig.other.take()).toEqual({ taken: false, holder: 'first' });
  });

  test('is found freed although the answer was lost', async () => {
    await using rig = await lossyRecord();
    await rig.record.take();
    rig.proxy.fate = fateOf(1, 'lose answer');
    await rig.record.free();
    expect(await rig.other.take()).toEqual({ taken: true });
  });

  test('is not called lost when the storage refuses, fails or is silent: that is open', async () => {
    await using rig = await lossyRecord();
    await rig.record.take();
    rig.proxy.fate = fateOf(1, { status: 403, code: 'AuthenticationFailed' });
    await expect(rig.record.renew()).rejects.toMatchObject({ name: 'StateStoreError', code: 'unauthorized' });
    rig.proxy.fate = fateOf(2, { status: 503, code: 'ServerBusy' });
    await expect(rig.record.renew()).rejects.toMatchObject({ name: 'StateStoreError', code: 'unavailable' });
    rig.proxy.fate = fateOf(1, 'silence');
    await expect(rig.record.renew()).rejects.toMatchObject({ name: 'StateStoreError', code: 'unavailable' });
    expect(await rig.record.renew()).toBe(true);
  });
});

test('a lease on a blob can be broken by whoever is to have it', async () => {
  const container = await newContainer(azurite.connectionString);
  const [first, second] = [recordOn(container, 'first'), recordOn(container, 'second')];
  expect(await first.take()).toEqual({ taken: true });
  await second.break();
  expect(await second.take()).toEqual({ taken: true });
  expect(await first.renew()).toBe(false);
  await second.free();
  await second.break();
});
