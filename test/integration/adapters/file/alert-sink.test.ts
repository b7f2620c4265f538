import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatNative } from '../../../../src/core/alert/format/alert-format.ts';
import { FileAlertSink, type FileSinkSettings } from '../../../../src/adapters/file/alert-sink.ts';
import { alertSinkLaws, documentsOf, unending, type SinkRig } from '../../../contract/alert-sink.ts';

const settings = { rotateBytes: null, keep: 0, fsync: true };

async function openRig(
  changes: Partial<FileSinkSettings> = {},
): Promise<SinkRig & { readonly path: string; readonly texts: () => Promise<Record<string, string>> }> {
  const folder = await mkdtemp(join(tmpdir(), 'tidewatch-'));
  const path = join(folder, 'deep', 'alerts.ndjson');
  return {
    path,
    texts: async () => {
      const names = await readdir(join(folder, 'deep'));
      const read = names.map(async (name) => [name, await readFile(join(folder, 'deep', name), 'utf8')] as const);
      return Object.fromEntries(await Promise.all(read));
    },
    sink: new FileAlertSink({ ...settings, name: `file:${path}`, path, ...changes }, formatNative),
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

alertSinkLaws('file', () => openRig());
alertSinkLaws('file without fsync', () => openRig({ fsync: false }));

test('a file sink is named by its path', async () => {
  await using rig = await openRig();
  expect(rig.sink.name).toBe(`file:${rig.path}`);
});

test('a delivery after one that was cut off begins a line of its own', async () => {
  await using rig = await openRig();
  await rig.sink.deliver(documentsOf(['{"id":1}']), unending);
  await appendFile(rig.path, '{"id":2,"te');
  await rig.sink.deliver(documentsOf(['{"id":2}']), unending);
  expect(await rig.text()).toBe('{"id":1}\n{"id":2,"te\n{"id":2}\n');
});

test('a file that was moved away is begun anew', async () => {
  await using rig = await openRig();
  await rig.sink.deliver(documentsOf(['{"id":1}']), unending);
  await rename(rig.path, `${rig.path}.1`);
  await rig.sink.deliver(documentsOf(['{"id":2}']), unending);
  expect(await rig.text()).toBe('{"id":2}\n');
});

test('a file that a delivery would make too long is moved aside first, and the oldest beyond `keep` goes', async () => {
  await using rig = await openRig({ rotateBytes: 20, keep: 2 });
  for (let id = 1; id <= 7; id += 1) await rig.sink.deliver(documentsOf([`{"id":${id}}`]), unending);
  expect(await rig.texts()).toEqual({
    'alerts.ndjson': '{"id":7}\n',
    'alerts.ndjson.1': '{"id":5}\n{"id":6}\n',
    'alerts.ndjson.2': '{"id":3}\n{"id":4}\n',
  });
});

test('a delivery longer than the bound lies whole in a file of its own', async () => {
  await using rig = await openRig({ rotateBytes: 20, keep: 1 });
  await rig.sink.deliver(documentsOf(['{"id":1}']), unending);
  await rig.sink.deliver(documentsOf(['{"id":2}', '{"id":3}', '{"id":4}']), unending);
  expect(await rig.texts()).toEqual({
    'alerts.ndjson': '{"id":2}\n{"id":3}\n{"id":4}\n',
    'alerts.ndjson.1': '{"id":1}\n',
  });
});
