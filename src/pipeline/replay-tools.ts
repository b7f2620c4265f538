import type { Digest } from '../core/alert/alert-id.ts';
import type { InputParts } from '../core/input-part.ts';

/** What a replay needs of the outside world. */
export interface ReplayTools {
  /** Reads files, folders and globs; elements of the list named so may come in several documents. */
  readonly readFiles: (paths: readonly string[], listKey: string) => InputParts;
  readonly digest: Digest;
  /** Takes the lines of the result. */
  readonly output: { write(lines: readonly string[]): Promise<void> };
}
