import type { Digest } from './alert-id.ts';
import type { Silence } from './silence.ts';
import { readSilence } from './silence-request.ts';

/** What a look at the file brought. */
export interface SilenceFileReading {
  /** Opaque; equal for equal texts. */
  readonly fingerprint: string;
  /** Null when it is that of the fingerprint that was given. */
  readonly text: string | null;
}

/** A port: the file of SILENCES_PATH. */
export interface SilenceFileSource {
  readonly path: string;
  /** Rejects with an Error whose message says what is wrong when it cannot be read. */
  read(fingerprint: string | null): Promise<SilenceFileReading>;
}

/** Most silences of a file. */
const entriesMax = 1000;

export type ReadSilenceFile =
  | {
      readonly silences: readonly Silence[];
      /** Those whose time is over, which are left out. */
      readonly over: number;
    }
  /** All at once, each with its place. */
  | { readonly problems: readonly string[] };

/**
 * Reads a JSON list of silences. One silence has the same id wherever it stands in the file and whoever reads it, so that
 * a restart or a change of the others changes nothing about it.
 */
export function readSilenceFile(text: string, nowMs: number, digest: Digest): ReadSilenceFile {
  const list = parseList(text);
  if (typeof list === 'string') return { problems: [list] };
  const problems: string[] = [];
  const silences = new Map<string, Silence>();
  let over = 0;
  for (const [index, value] of list.entries()) {
    const read = readSilence(value, nowMs, true);
    if ('problems' in read) problems.push(...read.problems.map(({ detail }) => `[${index}]: ${detail}`));
    else if (read.isOver) over += 1;
    else {
      const id = `file-${digest(JSON.stringify(read.request)).slice(0, 24)}`;
      silences.set(id, { ...read.request, id, createdAt: null, origin: 'file' });
    }
  }
  return problems.length > 0 ? { problems } : { silences: [...silences.values()], over };
}

/** The list of a text, or why there is none. */
function parseList(text: string): readonly unknown[] | string {
  const wanted = `a JSON list of at most ${entriesMax} silences`;
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (Array.isArray(value) && value.length <= entriesMax) return value as readonly unknown[];
    const seen = Array.isArray(value) ? `a list of ${value.length}` : 'no list';
    return `Cannot use the file as it must be ${wanted}: current value is ${seen}`;
  } catch {
    return `Cannot use the file as it must be ${wanted}: current value is no JSON`;
  }
}
