import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { SilenceFileReading, SilenceFileSource } from '../../core/alert/silence-file.ts';

const fileMaxBytes = 1024 ** 2;

/** The silences on disk. Each reading takes the whole file, so that a change is seen however the file was replaced. */
export function createSilenceFileSource(path: string): SilenceFileSource {
  return { path, read: (fingerprint) => readText(path, fingerprint) };
}

async function readText(path: string, known: string | null): Promise<SilenceFileReading> {
  try {
    const { size } = await stat(path);
    if (size > fileMaxBytes)
      throw new RangeError(`it must have at most ${fileMaxBytes} bytes: current size is ${size} bytes`);
    const bytes = await readFile(path);
    const fingerprint = createHash('sha256').update(bytes).digest('base64url');
    return { fingerprint, text: fingerprint === known ? null : bytes.toString('utf8') };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot read silences from ${path}: ${reason}: check SILENCES_PATH`, { cause });
  }
}
