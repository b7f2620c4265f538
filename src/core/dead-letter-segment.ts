import type { DeadLetter } from './ports.ts';

/**
 * Dead letters are kept as segments: immutable NDJSON documents whose names sort by age and tell how many letters they
 * hold, so that a store needs no index beside them.
 */
export interface Segment {
  readonly name: string;
  readonly index: number;
  readonly letters: number;
  readonly bytes: number;
}

/** Most characters of a segment: one upload stays well within the patience of a slow storage. */
const longestSegment = 1024 ** 2;

const nameForm = /^(\d{12})-(\d+)-[0-9a-z]+\.ndjson$/;

/** Name of the segment at an index; `token` keeps apart the segments of processes that write the same index. */
export function segmentName(index: number, letters: number, token: string): string {
  return `${String(index).padStart(12, '0')}-${letters}-${token}.ndjson`;
}

/** Reads a name; null for what is no segment. */
export function readSegmentName(name: string): Pick<Segment, 'name' | 'index' | 'letters'> | null {
  const match = nameForm.exec(name);
  return match === null ? null : { name, index: Number(match[1]), letters: Number(match[2]) };
}

/** Segments in the order they were written. */
export function inOrder(segments: readonly Segment[]): Segment[] {
  return segments.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** The oldest segments that have to go so that the rest is at most `maxBytes`; the newest always stays. */
export function overflowing(ordered: readonly Segment[], maxBytes: number): readonly Segment[] {
  let bytes = ordered.reduce((sum, segment) => sum + segment.bytes, 0);
  let count = 0;
  while (bytes > maxBytes && count < ordered.length - 1) {
    bytes -= ordered[count]?.bytes ?? 0;
    count += 1;
  }
  return ordered.slice(0, count);
}

export interface SegmentText {
  readonly text: string;
  readonly letters: number;
}

/** Writes letters as the texts of one segment or more. */
export function writeSegments(letters: readonly DeadLetter[]): readonly SegmentText[] {
  const segments: { text: string; letters: number }[] = [];
  for (const letter of letters) {
    const line = `${JSON.stringify(letter)}\n`;
    const last = segments.at(-1);
    if (last === undefined || last.text.length + line.length > longestSegment)
      segments.push({ text: line, letters: 1 });
    else {
      last.text += line;
      last.letters += 1;
    }
  }
  return segments;
}

/** Reads the letters of a segment in the order they were written; lines that a crash or a hand has cut are left out. */
export function readSegment(text: string): readonly DeadLetter[] {
  return text.split('\n').flatMap((line) => readLetter(line) ?? []);
}

function readLetter(line: string): DeadLetter | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  return isLetter(value) ? value : null;
}

const fields = {
  stream: 'string',
  partition: 'string',
  sequenceNumber: 'number',
  index: 'number',
  reason: 'string',
  enqueuedAt: 'string',
  text: 'string',
} as const satisfies Record<keyof DeadLetter, string>;

function isLetter(value: unknown): value is DeadLetter {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Record<string, unknown>;
  return Object.entries(fields).every(([field, type]) => typeof record[field] === type);
}
