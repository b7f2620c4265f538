import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { AllowListError } from '../../core/intel/allow-list-reader.ts';
import type { AllowAction } from '../../core/intel/allow-lists.ts';
import type { AllowListDocument, AllowListReading, AllowListSource } from '../../core/intel/allow-list-source.ts';
import { allowListPaths } from './paths.ts';

/** Largest file: some hundred thousand ranges take a few MiB. */
const fileMaxBytes = 64 * 1024 ** 2;

export interface AllowListFileSettings {
  readonly name: string;
  /** File, folder or glob. */
  readonly path: string;
  readonly action: AllowAction;
}

/**
 * An allow list on disk. Each reading takes every file, so that a change is seen however a file was replaced; one that
 * cannot be read fails the reading, as the others alone would be another list.
 */
export function createAllowListSource({ name, path, action }: AllowListFileSettings): AllowListSource {
  return { name, action, read: (fingerprint) => readDocuments(name, path, fingerprint) };
}

async function readDocuments(name: string, path: string, known: string | null): Promise<AllowListReading> {
  try {
    const documents: AllowListDocument[] = [];
    const hash = createHash('sha256');
    for (const file of await allowListPaths(path)) {
      const bytes = await readBytes(file);
      hash.update(`${file}\n${bytes.byteLength}\n`).update(bytes);
      documents.push({ path: file, text: bytes.toString('utf8') });
    }
    const fingerprint = hash.digest('base64url');
    return { fingerprint, documents: fingerprint === known ? null : documents };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const mend = `check path of allow list ${name} in ALLOW_LISTS`;
    throw new AllowListError(`Cannot read allow list ${name} from ${path}: ${reason}: ${mend}`, { cause });
  }
}

async function readBytes(file: string): Promise<Buffer> {
  const { size } = await stat(file);
  if (size > fileMaxBytes)
    throw new RangeError(`a file must have at most ${fileMaxBytes} bytes: current size of ${file} is ${size} bytes`);
  return await readFile(file);
}
