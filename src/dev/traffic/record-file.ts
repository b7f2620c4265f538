import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline as joinStreams } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { StixObject } from '../../core/intel/stix-object.ts';
import { type GeneratedMessage, type HubRole, hubRoles } from './message.ts';
import { Random } from './random.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Reads message bodies from a file of one body a line, compressed when its name ends in `.gz`. Bytes are kept as they are,
 * so a body need not be UTF-8; empty lines are left out. Throws what the file system or zlib throws.
 */
export async function* readBodies(file: string): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  for await (const chunk of chunks(file)) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      parts.push(chunk.subarray(start, end));
      const line = trimmed(Buffer.concat(parts));
      if (line.length > 0) yield line;
      parts = [];
      start = end + 1;
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  }
  const last = trimmed(Buffer.concat(parts));
  if (last.length > 0) yield last;
}

function chunks(file: string): AsyncIterable<Uint8Array> {
  const raw: AsyncIterable<Uint8Array> & NodeJS.ReadableStream = createReadStream(file);
  if (!file.endsWith('.gz')) return raw;
  const gunzip = createGunzip();
  // A failure to read reaches whoever iterates by way of the stream it breaks.
  joinStreams(raw, gunzip).catch(() => undefined);
  return gunzip;
}

function trimmed(line: Uint8Array): Uint8Array {
  return line.at(-1) === carriageReturn ? line.subarray(0, -1) : line;
}

/**
 * Writes messages to a folder that `replay` and `readBodies` read again: one NDJSON file a hub, one body a line, in the
 * order given. Holds no more than it is given at a time, so a generator may write days. Enqueued times are not kept.
 * Resolves to the files, one for each hub that had a message. Throws RangeError for a body that holds a line feed, and what
 * the file system throws.
 */
export async function writeBodies(
  folder: string,
  messages: Iterable<GeneratedMessage>,
  options: { readonly compress?: boolean } = {},
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const suffix = options.compress === true ? '.ndjson.gz' : '.ndjson';
  const files = new Map<HubRole, BodyFile>();
  try {
    for (const { hub, body } of messages) {
      let file = files.get(hub);
      if (file === undefined) {
        file = new BodyFile(path.join(folder, `${fileNames[hub]}${suffix}`));
        files.set(hub, file);
      }
      await file.write(body);
    }
  } finally {
    await Promise.all([...files.values()].map(async (file) => await file.close()));
  }
  return hubRoles.flatMap((hub) => files.get(hub)?.name ?? []);
}

class BodyFile {
  readonly name: string;
  readonly #lines = new PassThrough();
  readonly #written: Promise<void>;

  constructor(name: string) {
    this.name = name;
    const target = createWriteStream(name);
    this.#written = name.endsWith('.gz')
      ? joinStreams(this.#lines, createGzip(), target)
      : joinStreams(this.#lines, target);
    // Told by whoever writes or closes next.
    this.#written.catch(() => undefined);
  }

  async write(body: Uint8Array): Promise<void> {
    if (body.includes(lineFeed)) throw new RangeError('Cannot write a body as one line: it holds a line feed');
    const hasRoom = this.#lines.write(Buffer.concat([body, Buffer.of(lineFeed)]));
    if (!hasRoom) await Promise.race([once(this.#lines, 'drain'), this.#written]);
  }

  async close(): Promise<void> {
    this.#lines.end();
    await this.#written;
  }
}

/** Files are named as Azure names the hubs of a diagnostic setting that names none. */
const fileNames: Readonly<Record<HubRole, string>> = {
  activity: 'insights-activity-logs',
  signIn: 'insights-logs-signinlogs',
  servicePrincipal: 'insights-logs-serviceprincipalsigninlogs',
  nonInteractive: 'insights-logs-noninteractiveusersigninlogs',
  managedIdentity: 'insights-logs-managedidentitysigninlogs',
};

/** Writes STIX objects as one bundle, the form of a file feed. */
export async function writeBundle(file: string, objects: readonly StixObject[]): Promise<void> {
  const id = `bundle--${new Random(`bundle/${objects.length}`).uuid()}`;
  await writeFile(file, `${JSON.stringify({ type: 'bundle', id, objects })}\n`);
}
