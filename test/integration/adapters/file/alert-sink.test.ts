import { appendFile, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FileAlertSink } from '../../../../src/adapters/file/alert-sink.ts';
import { alertSinkLaws, type SinkRig } from '../../../contract/alert-sink.ts';

async function openRig(): Promise<SinkRig & { readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'tidewatch-'));
  const path = join(folder, 'deep', 'alerts.ndjson');
  return {
    path,
    sink: new FileAlertSink(path),
    text: async () => {
      try {
        return await readFile(path, 'utf8');
      } catch {
        return '';
      }
    },
    breakPlace: async () => {
      await rm(path);
      await mkdir(path);
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

alertSinkLaws('file', openRig);

test('a file sink is named by its path', async () => {
  await using rig = await openRig();
  expect(rig.sink.name).toBe(`file:${rig.path}`);
});

test('a delivery after one that was cut off begins a line of its own', async () => {
  await using rig = await openRig();
  await rig.sink.deliver(['{"id":1}']);
  await appendFile(rig.path, '{"id":2,"te');
  await rig.sink.deliver(['{"id":2}']);
  expect(await rig.text()).toBe('{"id":1}\n{"id":2,"te\n{"id":2}\n');
});

test('a file that was moved away is begun anew', async () => {
  await using rig = await openRig();
  await rig.sink.deliver(['{"id":1}']);
  await rename(rig.path, `${rig.path}.1`);
  await rig.sink.deliver(['{"id":2}']);
  expect(await rig.text()).toBe('{"id":2}\n');
});
