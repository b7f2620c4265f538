import { afterAll, beforeAll, expect, test } from 'vitest';
import { BlobDeadLetterStore } from '../../../../src/adapters/blob/dead-letter-store.ts';
import { startAzurite, type Azurite } from '../../../../src/dev/azurite.ts';
import { deadLetterStoreLaws, sampleLetter } from '../../../contract/dead-letter-store.ts';
import { newContainer } from '../../../support/event-hub-rig.ts';

let azurite: Azurite;

beforeAll(async () => {
  azurite = await startAzurite();
});

afterAll(async () => {
  await azurite.stop();
});

deadLetterStoreLaws('blob', async () => {
  const container = await newContainer(azurite.connectionString);
  return {
    open: (maxBytes) => new BlobDeadLetterStore(container, 'dead-letters/', maxBytes),
    breakPlace: async () => {
      await container.delete();
    },
    [Symbol.asyncDispose]: async () => {
      await container.deleteIfExists();
    },
  };
});

test('two processes keep their letters under one prefix without overwriting each other', async () => {
  const container = await newContainer(azurite.connectionString);
  const [first, second] = [
    new BlobDeadLetterStore(container, 'dead-letters/', 1e6),
    new BlobDeadLetterStore(container, 'dead-letters/', 1e6),
  ];
  for (let number = 0; number < 10; number++) {
    await Promise.all([first.append([sampleLetter(number)]), second.append([sampleLetter(100 + number)])]);
  }
  const numbers = (await first.recent(100)).map(({ sequenceNumber }) => sequenceNumber);
  expect(numbers).toHaveLength(20);
  expect(new Set(numbers).size).toBe(20);
  expect(await second.recent(100)).toEqual(await first.recent(100));
});

test('two processes keep one bound together and count each dropped letter once', async () => {
  const container = await newContainer(azurite.connectionString);
  const size = JSON.stringify(sampleLetter(10)).length + 1;
  const stores = [0, 1].map(() => new BlobDeadLetterStore(container, 'dead-letters/', 10 * size));
  for (let number = 10; number < 50; number++) await stores[number % 2]?.append([sampleLetter(number)]);
  const kept = await stores[0]!.recent(100);
  expect(kept.length).toBeLessThanOrEqual(11);
  expect(stores.reduce((sum, store) => sum + store.dropped(), 0)).toBe(40 - kept.length);
});

test('blobs under other names are left alone', async () => {
  const container = await newContainer(azurite.connectionString);
  await container.uploadBlockBlob('dead-letters/notes.txt', 'mine', 4);
  const store = new BlobDeadLetterStore(container, 'dead-letters/', 1);
  await store.append([sampleLetter(1)]);
  await store.append([sampleLetter(2)]);
  expect(await store.recent(10)).toEqual([sampleLetter(2)]);
  expect(await container.getBlobClient('dead-letters/notes.txt').exists()).toBe(true);
});
