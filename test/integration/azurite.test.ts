import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ContainerClient } from '@azure/storage-blob';
import { expect, test } from 'vitest';
import { startAzurite } from '../../src/dev/azurite.ts';

test('startAzurite() on a folder keeps blobs across a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'azurite-'));
  const first = await startAzurite({ folder });
  const before = new ContainerClient(first.connectionString, 'container');
  await before.create();
  await before.getBlockBlobClient('a/b').upload('text', 4);
  await first.stop();
  const second = await startAzurite({ folder, port: Number(new URL(first.url).port) });
  expect(second.url).toBe(first.url);
  const blob = await new ContainerClient(second.connectionString, 'container').getBlobClient('a/b').downloadToBuffer();
  expect(blob.toString()).toBe('text');
  await second.stop();
  await rm(folder, { recursive: true });
});

test('stop() ends the process', async () => {
  const azurite = await startAzurite();
  expect(process.kill(azurite.pid, 0)).toBe(true);
  await azurite.stop();
  expect(() => process.kill(azurite.pid, 0)).toThrow('ESRCH');
});

test('startAzurite() rejects with the output of a process that dies', async () => {
  const azurite = await startAzurite();
  await expect(startAzurite({ port: Number(new URL(azurite.url).port) })).rejects.toThrow(
    /it ended with 1.*EADDRINUSE/s,
  );
  await azurite.stop();
});
