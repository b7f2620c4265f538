/** A JSON document of an input file as it stands there, whatever it holds. */
export interface InputDocument {
  readonly kind: 'document';
  readonly file: string;
  /** First and last line, counted from 1. */
  readonly line: number;
  readonly lastLine: number;
  /** UTF-8 text. */
  readonly body: Uint8Array;
}

/** A path, a file or the rest of one that cannot be read. */
export interface InputProblem {
  readonly kind: 'problem';
  readonly file: string;
  /** Where reading ended, null when it never began. */
  readonly line: number | null;
  readonly reason: string;
}

export type InputPart = InputDocument | InputProblem;

/** Parts in the order of paths, files and lines; a batch is never empty. */
export type InputParts = AsyncIterable<readonly InputPart[]>;

/** How a place in a file is named in messages. */
export function placeOf({ file, line, lastLine }: Pick<InputDocument, 'file' | 'line' | 'lastLine'>): string {
  return line === lastLine ? `${file} line ${line}` : `${file} lines ${line} to ${lastLine}`;
}
