import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BlobStateStore } from '../../src/adapters/blob/state-store.ts';
import { FileStateStore } from '../../src/adapters/file/state-store.ts';
import type { StateStore } from '../../src/core/ports.ts';
import { startAzurite, type Azurite } from '../../src/dev/azurite.ts';
import { decodeHead, type Head } from '../../src/pipeline/manifest.ts';
import type { SnapshotReport } from '../../src/pipeline/snapshot-report.ts';
import { newContainer } from '../support/event-hub-rig.ts';
import { NodeProcess } from '../support/e2e/node-process.ts';
import { storedState, type SnapshotOwner } from '../support/snapshot-rig.ts';
import { realCodec } from '../support/state-rig.ts';

type Environment = Readonly<Record<string, string>>;

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `tidewatch snapshot` as a process of its own. */
async function snapshot(args: readonly string[], environment: Environment): Promise<Ran> {
  const process = new NodeProcess(['src/main.ts', 'snapshot', ...args], environment);
  const code = await process.ended();
  return { code, stdout: process.stdout.join('\n'), stderr: process.stderr.join('\n') };
}

async function headIn(store: StateStore): Promise<Head> {
  const stored = await store.readHead();
  if (stored === null) throw new Error('Cannot read the head: there is none');
  return decodeHead(stored.bytes, realCodec.sha256);
}

/** A place that holds two commits, and what names it to a process. */
interface Place extends AsyncDisposable {
  readonly store: StateStore;
  readonly owner: SnapshotOwner;
  readonly environment: Environment;
  /** Everything that lies there, the head and a lease too: name → digest or version. */
  readonly contents: () => Promise<ReadonlyMap<string, string>>;
  /** Replaces the bytes of a blob. */
  readonly replace: (name: string, bytes: Uint8Array) => Promise<void>;
}

async function inFolder(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'tidewatch-snapshot-'));
  const store = new FileStateStore(folder);
  return {
    store,
    owner: await storedState(store),
    environment: { STATE: `file:${folder}` },
    contents: async () => {
      const names = await readdir(folder);
      return new Map(
        await Promise.all(
          names.map(async (name) => [name, realCodec.sha256(await readFile(join(folder, name)))] as const),
        ),
      );
    },
    replace: (name, bytes) => writeFile(join(folder, name), bytes),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

async function onBlobs({ connectionString }: Azurite): Promise<Place> {
  const container = await newContainer(connectionString);
  const store = new BlobStateStore(container, 'own/state/');
  return {
    store,
    owner: await storedState(store),
    environment: {
      STATE: 'blob:own/state/',
      STORAGE_CONNECTION_STRING: connectionString,
      STORAGE_CONTAINER: container.containerName,
    },
    contents: async () => {
      const found = new Map<string, string>();
      for await (const { name, properties } of container.listBlobsFlat()) found.set(name, properties.etag);
      return found;
    },
    replace: async (name, bytes) => {
      await container.getBlockBlobClient(`own/state/${name}`).upload(Buffer.from(bytes), bytes.length);
    },
    [Symbol.asyncDispose]: async () => {
      await container.deleteIfExists();
    },
  };
}

let azurite: Azurite;

beforeAll(async () => {
  azurite = await startAzurite();
});

afterAll(async () => {
  await azurite.stop();
});

describe.each([
  ['in a folder', inFolder],
  ['on blobs', () => onBlobs(azurite)],
])('tidewatch snapshot of a state %s', (_where, make) => {
  test('inspect shows what was committed, verify finds nothing wrong, and neither changes anything', async () => {
    await using place = await make();
    const before = await place.contents();
    const shown = await snapshot(['inspect', '--json'], place.environment);
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    const report = JSON.parse(shown.stdout) as SnapshotReport;
    const head = await headIn(place.store);
    expect(report).toMatchObject({
      head: { epoch: 1, owner: 'owner-1' },
      current: { generation: 2, base: { name: head.current?.base.name, bytes: head.current?.base.bytes } },
      previous: { generation: 1, deltas: [] },
      state: { addresses: { all: 31, pinned: 1, candidates: 30 }, pairs: 33 },
    });
    expect(report.state?.positions.map(({ origin, offset }) => [origin, offset])).toEqual(
      [...place.owner.engine.state.positions()].map(([origin, { offset }]) => [origin, offset]),
    );
    const previous = await snapshot(['inspect', '--manifest', 'previous'], place.environment);
    expect(previous).toMatchObject({ code: 0, stderr: '' });
    expect(previous.stdout).toMatch(/^Pairs of caller and address +32$/m);
    expect(previous.stdout).toContain('hub/1');
    const verified = await snapshot(['verify'], place.environment);
    expect(verified).toMatchObject({ code: 0, stderr: '' });
    expect(verified.stdout.match(/^ok /gm)).toHaveLength(1 + (await place.store.list()).length);
    expect(verified.stdout).toMatch(/^A restart goes on from the current state, generation 2 of /m);
    expect(await place.contents()).toEqual(before);
    // Whoever owned it before owns it still.
    await place.owner.commit();
    expect((await headIn(place.store)).epoch).toBe(1);
  });

  test('verify names a blob with one flipped bit, and the exit code is 65', async () => {
    await using place = await make();
    const name = (await headIn(place.store)).current?.deltas[0]?.name ?? '';
    const bytes = Uint8Array.from((await place.store.get(name)) ?? []);
    const middle = Math.floor(bytes.length / 2);
    await place.replace(name, bytes.with(middle, (bytes[middle] ?? 0) ^ 1));
    const verified = await snapshot(['verify'], place.environment);
    expect(verified.code).toBe(65);
    expect(verified.stdout.match(/^fail .*$/gm)).toEqual([
      expect.stringMatching(new RegExp(`^fail +${name} .* SHA-256 .*; a restart goes on from the previous state`)),
    ]);
    const shown = await snapshot(['inspect'], place.environment);
    expect(shown.code).toBe(65);
    expect(shown.stdout).toMatch(
      new RegExp(`^The current state cannot be used: Cannot read ${name} as it is damaged`, 'm'),
    );
  });

  test('both go on while the owner commits', async () => {
    await using place = await make();
    // So that a base outlives some commits, as those of a service do.
    place.owner.fill(1000, 20_000);
    await place.owner.commit();
    const looking = { isDone: false };
    const looked = Promise.all([
      snapshot(['inspect'], place.environment),
      snapshot(['verify'], place.environment),
    ]).finally(() => {
      looking.isDone = true;
    });
    let commits = 0;
    for (let from = 100; !looking.isDone; from += 30) {
      place.owner.fill(30, from % 10_000);
      await place.owner.commit();
      commits += 1;
    }
    const [shown, verified] = await looked;
    expect(commits).toBeGreaterThan(5);
    expect(
      [shown.code, verified.code],
      `${shown.stdout}\n${shown.stderr}\n${verified.stdout}\n${verified.stderr}`,
    ).toEqual([0, 0]);
  });
});

describe('tidewatch snapshot', () => {
  test('of a folder that is not there says so, and makes none', async () => {
    const folder = join(tmpdir(), `tidewatch-none-${randomUUID()}`);
    const shown = await snapshot(['inspect'], { STATE: `file:${folder}` });
    expect(shown).toEqual({ code: 0, stdout: `No state is stored at file:${folder}`, stderr: '' });
    await expect(readdir(folder)).rejects.toThrow('ENOENT');
  });

  test('of a container that is not there ends with 69, and makes none', async () => {
    const name = `none-${randomUUID()}`;
    const { connectionString } = azurite;
    const environment = { STORAGE_CONNECTION_STRING: connectionString, STORAGE_CONTAINER: name };
    for (const action of ['inspect', 'verify']) {
      const ran = await snapshot([action], environment);
      expect(ran).toMatchObject({ code: 69, stdout: '' });
      expect(ran.stderr).toMatch(
        new RegExp(`^Cannot open container ${name} as it is not there: check STORAGE_CONTAINER`),
      );
    }
    const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient(name);
    expect(await container.exists()).toBe(false);
  });

  test('of a head that is damaged says what a restart does, and ends with 65', async () => {
    await using place = await inFolder();
    const heads = (await readdir(place.environment['STATE']?.slice(5) ?? '')).filter((name) =>
      name.startsWith('head.'),
    );
    for (const name of heads) await place.replace(name, new TextEncoder().encode('tidewatch-head 1\nabc\n{}'));
    const verified = await snapshot(['verify'], place.environment);
    expect(verified.code).toBe(65);
    expect(verified.stdout).toMatch(/^fail +head +.*digest differs; a restart reads the last LOOKBACK again/m);
    const shown = await snapshot(['inspect'], place.environment);
    expect(shown).toMatchObject({ code: 65, stdout: '' });
    expect(shown.stderr).toContain('digest differs');
  });

  test('of a wrong command line ends with 64, of a wrong configuration with 78 and all that is missing', async () => {
    expect(await snapshot([], {})).toMatchObject({ code: 64, stdout: '' });
    expect((await snapshot(['inspect', '--manifest', 'next'], {})).stderr).toMatch(/^Cannot use --manifest .* next$/m);
    const wrong = await snapshot(['verify'], { STATE: 'blob:state', STORAGE_CONTAINR: 'x' });
    expect(wrong).toMatchObject({ code: 78, stdout: '' });
    expect(wrong.stderr.split('\n')).toEqual([
      'There is no option STORAGE_CONTAINR: is STORAGE_CONTAINER meant?',
      expect.stringMatching(/^Cannot reach Blob storage as neither STORAGE_CONNECTION_STRING nor/),
      expect.stringMatching(/^Cannot use STATE as it must be blob:PREFIX/),
    ]);
  });

  test('--help prints the usage', async () => {
    const { code, stdout } = await snapshot(['--help'], {});
    expect(code).toBe(0);
    expect(stdout).toContain('snapshot inspect [--json] [--manifest current|previous]');
  });
});
