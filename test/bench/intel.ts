import { fork } from 'node:child_process';
import { tableOf, type Figure } from './figures.ts';
import type { IndexReport } from './index-process.ts';

export interface IntelOptions {
  readonly isSmall: boolean;
  readonly repetitions: number;
}

/** Room for ten million indicators' rows and the Map of as many objects that they are compared with. */
const heapMegabytes = 16_000;

const thousand = 1000;

/** Measures the index: memory, building, look-ups against a plain Map, and how long a refresh holds other work up. */
export async function intel({ isSmall, repetitions }: IntelOptions): Promise<string> {
  const sizes = isSmall ? [20 * thousand] : [thousand * thousand, 10 * thousand * thousand];
  const tables: string[] = [];
  for (const exact of sizes) {
    const ranges = exact / 10 / (exact > thousand * thousand ? 10 : 1);
    const reports: IndexReport[] = [];
    for (let left = repetitions; left > 0; left -= 1) reports.push(await measure(exact, ranges));
    tables.push(`${exact.toLocaleString('en')} addresses, ${ranges.toLocaleString('en')} ranges\n\n${table(reports)}`);
  }
  return tables.join('\n\n');
}

function table(reports: readonly IndexReport[]): string {
  const of = (name: string, unit: Figure['unit'], value: (report: IndexReport) => number | null): Figure[] => {
    const values = reports.map(value).filter((each) => each !== null);
    return values.length === 0 ? [] : [{ name, unit, values }];
  };
  return tableOf([
    ...of('tables, per address', 'B', ({ tableBytes }) => tableBytes),
    ...of('rows, per address', 'B', ({ rowBytes }) => rowBytes),
    ...of('build, in one go', 's', ({ buildMs }) => buildMs / 1000),
    ...of('hit', 'ns', ({ hitNs }) => hitNs),
    ...of('miss', 'ns', ({ missNs }) => missNs),
    ...of('random read of as much memory', 'ns', ({ readNs }) => readNs),
    ...of('Map hit as a multiple of ours', '×', ({ mapHitNs, hitNs }) => mapHitNs / hitNs),
    ...of('Map miss as a multiple of ours', '×', ({ mapMissNs, missNs }) => mapMissNs / missNs),
    ...of('refresh of a whole set: time', 's', ({ refresh }) => refresh && refresh.ms / 1000),
    ...of('refresh: event-loop delay p50', 'ms', ({ refresh }) => refresh?.delay.p50 ?? null),
    ...of('refresh: event-loop delay p99', 'ms', ({ refresh }) => refresh?.delay.p99 ?? null),
    ...of('refresh: event-loop delay max', 'ms', ({ refresh }) => refresh?.delay.max ?? null),
  ]);
}

/** One measurement in a process of its own. */
function measure(exact: number, ranges: number): Promise<IndexReport> {
  const child = fork(new URL('index-process.ts', import.meta.url), [String(exact), String(ranges)], {
    execArgv: [`--max-old-space-size=${heapMegabytes}`, ...process.execArgv],
  });
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as IndexReport));
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`The index ended without a report: ${code ?? signal}`)));
  });
}
