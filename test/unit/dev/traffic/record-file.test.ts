import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GeneratedMessage } from '../../../../src/dev/traffic/message.ts';
import { readBodies, writeBodies, writeBundle } from '../../../../src/dev/traffic/record-file.ts';
import { Traffic } from '../../../../src/dev/traffic/traffic.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'records-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function bytesOf(file: string): Promise<Uint8Array[]> {
  const bodies: Uint8Array[] = [];
  for await (const body of readBodies(file)) bodies.push(body);
  return bodies;
}

async function bodiesOf(file: string): Promise<string[]> {
  return (await bytesOf(file)).map((body) => Buffer.from(body).toString('latin1'));
}

describe('record files', () => {
  it.each([false, true])('give back every body of a hub, in order (compressed: %s)', async (compress) => {
    const startMs = Date.UTC(2026, 2, 2, 8);
    const faults = { poison: 0.1 };
    const generated = () => new Traffic({ seed: 2, startMs, scale: 0.1, faults }).between(startMs, startMs + 4_000_000);
    const messages = [...generated()];
    const files = await writeBodies(folder, generated(), { compress });
    expect(files.map((file) => path.basename(file, compress ? '.ndjson.gz' : '.ndjson'))).toEqual([
      'insights-activity-logs',
      'insights-logs-signinlogs',
      'insights-logs-serviceprincipalsigninlogs',
      'insights-logs-noninteractiveusersigninlogs',
      'insights-logs-managedidentitysigninlogs',
    ]);
    const written = (hub: string) =>
      messages.filter((message) => message.hub === hub).map((message) => Buffer.from(message.body).toString('latin1'));
    expect(await bodiesOf(files[0]!)).toEqual(written('activity'));
    expect(await bodiesOf(files[3]!)).toEqual(written('nonInteractive'));
  });

  it('read lines of any bytes and length, whatever ends them', async () => {
    const file = path.join(folder, 'bodies');
    const line = fc
      .uint8Array({ minLength: 1, maxLength: 200 })
      .filter((bytes) => !bytes.includes(10) && bytes.at(-1) !== 13);
    await fc.assert(
      fc.asyncProperty(
        fc.array(line),
        fc.constantFrom('\n', '\r\n', '\n\n'),
        fc.boolean(),
        async (lines, end, last) => {
          const parts = lines.flatMap((body) => [body, Buffer.from(end)]);
          await writeFile(file, Buffer.concat(last ? parts : parts.slice(0, -1)));
          const read = await bytesOf(file);
          expect(read.map((body) => [...body])).toEqual(lines.map((body) => [...body]));
        },
      ),
      { numRuns: 50 },
    );
    const long = 'x'.repeat(300_000);
    await writeFile(`${file}.gz`, gzipSync(`${long}\n{}\n`));
    expect(await bodiesOf(`${file}.gz`)).toEqual([long, '{}']);
  });

  it('fail on what is missing or not compressed though its name says so', async () => {
    await expect(bodiesOf(path.join(folder, 'missing'))).rejects.toThrow('ENOENT');
    await expect(bodiesOf(path.join(folder, 'missing.gz'))).rejects.toThrow('ENOENT');
    await writeFile(path.join(folder, 'plain.gz'), '{}\n');
    await expect(bodiesOf(path.join(folder, 'plain.gz'))).rejects.toThrow('incorrect header check');
  });

  it('refuse a body that holds a line feed, and a folder that is a file', async () => {
    const message: GeneratedMessage = { hub: 'activity', body: Buffer.from('{\n}'), enqueuedMs: 0, kinds: [] };
    await expect(writeBodies(folder, [message])).rejects.toThrow('line feed');
    await expect(writeBodies(path.join(folder, 'insights-activity-logs.ndjson'), [message])).rejects.toThrow('EEXIST');
  });

  it('write intelligence as a STIX bundle', async () => {
    const file = path.join(folder, 'bundle.json');
    await writeBundle(file, [{ type: 'identity', id: 'identity--1' }]);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
      type: 'bundle',
      id: expect.stringMatching(/^bundle--[0-9a-f-]{36}$/) as string,
      objects: [{ type: 'identity', id: 'identity--1' }],
    });
  });
});
