import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { InputPart, InputParts } from '../../core/input-part.ts';
import { DocumentSplitter } from './document-splitter.ts';
import { inputPaths } from './input-paths.ts';

/**
 * Reads the documents of files, each file once however many paths lead to it. Memory is bounded whatever the size of a
 * file. What cannot be found or read comes out as a problem, after what could be read of it; never throws.
 *
 * @param paths Files, folders or globs, see inputPaths(). Compressed files are told by how they begin.
 * @param listKey Member of a large document whose elements may come in several documents: "records", "objects".
 */
export async function* readInputFiles(paths: readonly string[], listKey: string): InputParts {
  const seen = new Set<string>();
  for (const path of paths) {
    const files = await inputPaths(path).catch((cause: unknown) => reasonOf(cause));
    if (typeof files === 'string') {
      yield [{ kind: 'problem', file: path, line: null, reason: files }];
      continue;
    }
    for (const file of files) {
      if (seen.has(file)) continue;
      seen.add(file);
      yield* readFile(file, new DocumentSplitter(listKey));
    }
  }
}

async function* readFile(file: string, splitter: DocumentSplitter): AsyncGenerator<readonly InputPart[]> {
  let hasBegun = false;
  try {
    for await (const chunk of await chunksOf(file)) {
      hasBegun = true;
      const parts = splitter.push(chunk).map((document): InputPart => ({ kind: 'document', file, ...document }));
      if (parts.length > 0) yield parts;
    }
  } catch (cause) {
    yield [{ kind: 'problem', file, line: hasBegun ? splitter.line : null, reason: reasonOf(cause) }];
  }
  const rest = splitter.end().map((document): InputPart => ({ kind: 'document', file, ...document }));
  if (rest.length > 0) yield rest;
}

async function chunksOf(file: string): Promise<AsyncIterable<Uint8Array>> {
  const [first = 0, second = 0] = await firstBytes(file);
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    throw new Error('it is UTF-16 text, UTF-8 is wanted');
  const raw: AsyncIterable<Uint8Array> & NodeJS.ReadableStream = createReadStream(file);
  if (first !== 0x1f || second !== 0x8b) return raw;
  const gunzip = createGunzip();
  // A failure to read reaches whoever iterates by way of the stream it breaks.
  pipeline(raw, gunzip).catch(() => undefined);
  return gunzip;
}

async function firstBytes(file: string): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(2), 0, 2, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
