import { NodeProcess } from './node-process.ts';
import type { Environment } from './failing-environment.ts';

export interface CheckRow {
  readonly status: string;
  /** What was tried: "configuration", "storage tidewatch", "hub NAME", "feed NAME". */
  readonly name: string;
  readonly detail: string;
}

export interface Checked {
  readonly code: number | null;
  readonly rows: readonly CheckRow[];
  /** Columns, counted from 0, at which details begin. */
  readonly detailColumns: readonly number[];
  /** Everything it printed. */
  readonly output: string;
}

/** `tidewatch check` as a process of its own. Throws when a line is no row. */
export async function check(environment: Environment): Promise<Checked> {
  const process = new NodeProcess(['src/main.ts', 'check'], environment);
  const code = await process.ended();
  const read = process.stdout.map((line) => {
    const match = /^((ok|warn|fail) +(\S+(?: \S+)*)(?: {2,}|$))(.*)$/.exec(line);
    if (match === null) throw new Error(`Cannot read a row of check: ${line}\n${process.report()}`);
    const [, head = '', status = '', name = '', detail = ''] = match;
    return { row: { status, name, detail }, column: detail === '' ? null : head.length };
  });
  return {
    code,
    rows: read.map(({ row }) => row),
    detailColumns: [...new Set(read.flatMap(({ column }) => column ?? []))],
    output: [...process.stdout, ...process.stderr].join('\n'),
  };
}
