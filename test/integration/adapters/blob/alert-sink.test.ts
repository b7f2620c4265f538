import type { ContainerClient } from '@azure/storage-blob';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { BlobAlertSink } from '../../../../src/adapters/blob/alert-sink.ts';
import { formatNative } from '../../../../src/core/alert/format/alert-format.ts';
import type { SinkDocument } from '../../../../src/core/ports.ts';
import { startAzurite, type Azurite } from '../../../../src/dev/azurite.ts';
import { alertSinkLaws, unending } from '../../../contract/alert-sink.ts';
import { byFinding, deliveryRig, inOrder } from '../../../support/delivery-rig.ts';
import { clock, newContainer } from '../../../support/event-hub-rig.ts';
import { AnswerProxy } from '../../../support/answer-proxy.ts';

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

function sinkOn(blocksMax = 50_000, connectionString = azurite.connectionString): BlobAlertSink {
  const settings = { name: 'archive', container: container.containerName, prefix: 'alerts/' };
  return new BlobAlertSink(settings, formatNative, { access: { connectionString }, clock, blocksMax });
}

/** The texts of the blobs by name. */
async function blobs(): Promise<Readonly<Record<string, string>>> {
  const texts: Record<string, string> = {};
  for await (const { name } of container.listBlobsFlat()) {
    texts[name] = (await container.getBlobClient(name).downloadToBuffer()).toString();
  }
  return texts;
}

function on(day: string, ...ids: readonly string[]): SinkDocument[] {
  const emittedAt = `${day}T23:59:59.999Z`;
  return ids.map((id) => ({ id, findingKey: 'finding', activity: 'create', emittedAt, text: `{"id":"${id}"}` }));
}

alertSinkLaws('blob', async () => {
  container = await newContainer(azurite.connectionString);
  const own = container;
  const proxy = await AnswerProxy.start(azurite.url);
  const sink = sinkOn(50_000, proxy.rewritten(azurite.connectionString));
  return {
    sink,
    text: async () => {
      const names: string[] = [];
      for await (const { name } of own.listBlobsFlat()) names.push(name);
      const texts = await Promise.all(names.map((name) => own.getBlobClient(name).downloadToBuffer()));
      return Buffer.concat(texts).toString();
    },
    breakPlace: () => proxy.close(),
    [Symbol.asyncDispose]: async () => {
      await proxy.close();
      await own.deleteIfExists();
    },
  };
});

test('an alert lies in the blob of the UTC day of its emission', async () => {
  await sinkOn().deliver([...on('2026-03-01', 'a', 'b'), ...on('2026-03-02', 'c')], unending);
  expect(await blobs()).toEqual({
    'alerts/2026-03-01.ndjson': '{"id":"a"}\n{"id":"b"}\n',
    'alerts/2026-03-02.ndjson': '{"id":"c"}\n',
  });
});

test('a blob that has all its blocks is continued in the next, also by a process that starts anew', async () => {
  for (const id of ['a', 'b', 'c', 'd', 'e']) await sinkOn(2).deliver(on('2026-03-01', id), unending);
  expect(await blobs()).toEqual({
    'alerts/2026-03-01.ndjson': '{"id":"a"}\n{"id":"b"}\n',
    'alerts/2026-03-01-2.ndjson': '{"id":"c"}\n{"id":"d"}\n',
    'alerts/2026-03-01-3.ndjson': '{"id":"e"}\n',
  });
});

test('an append whose answer was lost is not made twice, whatever is delivered next', async () => {
  await using proxy = await AnswerProxy.start(azurite.url);
  const sink = sinkOn(50_000, proxy.rewritten(azurite.connectionString));
  await sink.deliver(on('2026-03-01', 'a'), unending);
  proxy.loseAnswers('comp=appendblock', 2);
  await expect(sink.deliver(on('2026-03-01', 'b', 'c'), unending)).rejects.toMatchObject({ code: 'unavailable' });
  await sink.deliver(on('2026-03-01', 'b'), unending);
  await sink.deliver(on('2026-03-01', 'c', 'd'), unending);
  expect(Object.values(await blobs())).toEqual(['{"id":"a"}\n{"id":"b"}\n{"id":"c"}\n{"id":"d"}\n']);
});

test('a process that starts anew does not write again what its predecessor wrote last', async () => {
  await sinkOn().deliver(on('2026-03-01', 'a', 'b'), unending);
  await sinkOn().deliver(on('2026-03-01', 'b', 'c'), unending);
  expect(Object.values(await blobs())).toEqual(['{"id":"a"}\n{"id":"b"}\n{"id":"c"}\n']);
});

test('two processes append to one blob, each line once', async () => {
  const [first, second] = [sinkOn(), sinkOn()];
  const ids = Array.from({ length: 20 }, (_, at) => `id-${at}`);
  await Promise.all(ids.map((id, at) => (at % 2 === 0 ? first : second).deliver(on('2026-03-01', id), unending)));
  const lines = Object.values(await blobs())
    .join('')
    .split('\n')
    .slice(0, -1);
  expect(lines.sort()).toEqual(ids.map((id) => `{"id":"${id}"}`).sort());
});

test('a container that is deleted is made anew', async () => {
  const sink = sinkOn();
  await sink.deliver(on('2026-03-01', 'a'), unending);
  await container.delete();
  await expect(sink.deliver(on('2026-03-01', 'b'), unending)).rejects.toMatchObject({
    code: 'not_found',
    message: expect.stringContaining(container.containerName) as string,
  });
  await sink.deliver(on('2026-03-01', 'b'), unending);
  expect(await blobs()).toEqual({ 'alerts/2026-03-01.ndjson': '{"id":"b"}\n' });
});

test('every alert lies there once and in order when one answer in three is lost', async () => {
  await using proxy = await AnswerProxy.start(azurite.url);
  const sink = sinkOn(3, proxy.rewritten(azurite.connectionString));
  const rig = deliveryRig(sink);
  for (let round = 0; round < 12; round += 1) {
    if (round % 3 === 0) proxy.loseAnswers('comp=appendblock', 3);
    rig.emit(6);
    await rig.drain();
  }
  const parts = Object.entries(await blobs()).sort(([first], [second]) => partOf(first) - partOf(second));
  const lines = parts.flatMap(([, text]) => text.split('\n').slice(0, -1));
  const ids = lines.map((line) => (JSON.parse(line) as { id: string }).id);
  expect(rig.failures.length).toBeGreaterThan(0);
  expect(ids).toHaveLength(72);
  expect(byFinding(ids)).toEqual(inOrder(72));
  expect(rig.letters.letters).toEqual([]);
});

function partOf(name: string): number {
  return Number(/\d\d-(\d+)\.ndjson$/.exec(name)?.[1] ?? 1);
}
