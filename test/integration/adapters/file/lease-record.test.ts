import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FileLeaseRecord } from '../../../../src/adapters/file/lease-record.ts';
import { realTime } from '../../../../src/adapters/system/clock.ts';
import { KeptLease } from '../../../../src/pipeline/kept-lease.ts';
import { leaseLaws, take } from '../../../contract/lease.ts';
import { untilTrue } from '../../../support/lease-rig.ts';
import { MemoryLog } from '../../../support/memory-log.ts';
import { SteppingRealTime } from '../../../support/stepping-real-time.ts';

const durationMs = 4000;

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'tidewatch-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function openLease(folder: string, identifier: string): KeptLease {
  const record = new FileLeaseRecord(folder, { identifier, durationMs, realTime });
  return new KeptLease(record, { durationMs, realTime, log: new MemoryLog() });
}

leaseLaws('file', async () => {
  const folder = await temporaryFolder();
  const path = join(folder.path, 'state');
  return {
    durationMs,
    realTime,
    takeoverMs: durationMs - 1,
    open: (identifier) => openLease(path, identifier),
    until: untilTrue,
    breakHeld: () => writeFile(join(path, 'lease.1000'), JSON.stringify({ holder: 'operator', freed: true })),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
});

test('a lease without a beat for its duration is taken, one that beats within it is not', async () => {
  await using folder = await temporaryFolder();
  const time = new SteppingRealTime();
  const open = (identifier: string): FileLeaseRecord =>
    new FileLeaseRecord(folder.path, { identifier, durationMs, realTime: time });
  const [first, second] = [open('first'), open('second')];
  expect(await first.take()).toEqual({ taken: true });
  for (let beat = 0; beat < 4; beat++) {
    expect(await second.take()).toEqual({ taken: false, holder: 'first' });
    await time.advance(durationMs - 1);
    expect(await second.take()).toEqual({ taken: false, holder: 'first' });
    expect(await first.renew()).toBe(true);
  }
  expect(await second.take()).toEqual({ taken: false, holder: 'first' });
  await time.advance(durationMs);
  expect(await second.take()).toEqual({ taken: true });
  // Who comes too late changes nothing.
  expect(await first.renew()).toBe(false);
  await first.free();
  expect(await open('third').take()).toEqual({ taken: false, holder: 'second' });
  expect(await second.renew()).toBe(true);
});

test('of many who find the lease free one takes it', async () => {
  for (let round = 0; round < 10; round++) {
    await using folder = await temporaryFolder();
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map((identifier) =>
        new FileLeaseRecord(folder.path, { identifier, durationMs, realTime }).take(),
      ),
    );
    expect(answers.filter(({ taken }) => taken)).toHaveLength(1);
  }
});

test('a lease file that cannot be read counts as held until its duration has passed', async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, 'lease.7'), '{"holder":');
  const time = new SteppingRealTime();
  const record = new FileLeaseRecord(folder.path, { identifier: 'first', durationMs, realTime: time });
  expect(await record.take()).toEqual({ taken: false, holder: 'unknown' });
  await time.advance(durationMs);
  expect(await record.take()).toEqual({ taken: true });
});

test('few leases of the past are kept', async () => {
  await using folder = await temporaryFolder();
  const record = new FileLeaseRecord(folder.path, { identifier: 'first', durationMs, realTime });
  for (let term = 0; term < 30; term++) {
    expect(await record.take()).toEqual({ taken: true });
    await record.free();
  }
  expect((await readdir(folder.path)).length).toBeLessThan(12);
});

test('a folder that cannot be used is told with the option', async () => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, 'state'), 'a file where the folder should be');
  const record = new FileLeaseRecord(join(folder.path, 'state'), { identifier: 'first', durationMs, realTime });
  await expect(record.take()).rejects.toMatchObject({
    name: 'StateStoreError',
    message: expect.stringMatching(/^Cannot take the lease in folder .*check STATE/) as unknown,
  });
});

test('a process that is stopped until another has taken its lease finds it lost in its first turn after', async () => {
  await using folder = await temporaryFolder();
  const program = fileURLToPath(new URL('../../../support/file-lease-holder.ts', import.meta.url));
  const child = spawn(process.execPath, [program, folder.path, String(durationMs)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  try {
    await untilTrue(() => said.includes('held'));
    child.kill('SIGSTOP');
    const held = await take(openLease(folder.path, 'standby'));
    said = '';
    child.kill('SIGCONT');
    await untilTrue(() => said.includes('lost'));
    expect(said).toBe('lost\n');
    expect(held.lost.aborted).toBe(false);
    await held.release();
  } finally {
    child.kill('SIGKILL');
  }
});
