import { fork } from 'node:child_process';
import { tableOf, type Figure } from './figures.ts';
import type { FetchReport } from './fetch-process.ts';
import type { IndexReport } from './index-process.ts';
import type { RefreshReport } from './refresh-process.ts';

export interface IntelOptions {
  readonly isSmall: boolean;
  readonly repetitions: number;
}

/** Room for ten million indicators' rows and the Map of as many objects that they are compared with. */
const heapMegabytes = 16_000;

const thousand = 1000;

/** Larger sets are measured once, as they take minutes, and at the index alone: their objects would not fit one process. */
const refreshMost = 2_000_000;

/** Measures the index: memory, building, look-ups against a plain Map, and how long a refresh holds other work up. */
export async function intel({ isSmall, repetitions }: IntelOptions): Promise<string> {
  const sizes = isSmall ? [20 * thousand] : [thousand * thousand, 10 * thousand * thousand];
  const tables: string[] = [];
  for (const exact of sizes) {
    const ranges = exact / 10 / (exact > thousand * thousand ? 10 : 1);
    const reports: IndexReport[] = [];
    const refreshes: RefreshReport[] = [];
    const fetches: FetchReport[] = [];
    for (let left = exact > refreshMost ? 1 : repetitions; left > 0; left -= 1) {
      reports.push(await measure<IndexReport>('index-process.ts', exact, ranges));
      if (exact > refreshMost) continue;
      refreshes.push(await measure<RefreshReport>('refresh-process.ts', exact, ranges));
      fetches.push(await measure<FetchReport>('fetch-process.ts', exact, 0));
    }
    const title = `${exact.toLocaleString('en')} addresses, ${ranges.toLocaleString('en')} ranges`;
    tables.push(
      `${title}\n\n${tableOf([...lookUpFigures(reports), ...refreshFigures(refreshes), ...fetchFigures(fetches)])}`,
    );
  }
  return tables.join('\n\n');
}

function figuresOf<Report>(reports: readonly Report[]) {
  return (name: string, unit: Figure['unit'], value: (report: Report) => number): Figure => {
    return { name, unit, values: reports.map(value) };
  };
}

function lookUpFigures(reports: readonly IndexReport[]): Figure[] {
  const of = figuresOf(reports);
  return [
    of('tables, per address', 'B', ({ tableBytes }) => tableBytes),
    of('rows, per address', 'B', ({ rowBytes }) => rowBytes),
    of('build, in one go', 's', ({ buildMs }) => buildMs / 1000),
    of('question, hit', 'ns', ({ question }) => question.hitNs),
    of('question, miss', 'ns', ({ question }) => question.missNs),
    of('question of another time, hit', 'ns', ({ preciseQuestion }) => preciseQuestion.hitNs),
    of('question from a new text, hit', 'ns', ({ textQuestion }) => textQuestion.hitNs),
    of('question from a new text, miss', 'ns', ({ textQuestion }) => textQuestion.missNs),
    of('whole look-up, hit', 'ns', ({ lookup }) => lookup.hitNs),
    of('whole look-up, miss', 'ns', ({ lookup }) => lookup.missNs),
    of('random read of as much memory', 'ns', ({ readNs }) => readNs),
    of('question, hit, as a multiple of the read', '×', ({ question, readNs }) => question.hitNs / readNs),
    of('Map with hashed texts, hit, as a multiple', '×', ({ map, question }) => map.hitNs / question.hitNs),
    of('Map with hashed texts, miss, as a multiple', '×', ({ map, question }) => map.missNs / question.missNs),
    of(
      'Map with new texts, hit, the index with the address',
      '×',
      ({ textMap, question }) => textMap.hitNs / question.hitNs,
    ),
    of(
      'Map with new texts, miss, the index with the address',
      '×',
      ({ textMap, question }) => textMap.missNs / question.missNs,
    ),
    of(
      'Map with new texts, hit, as a multiple',
      '×',
      ({ textMap, textQuestion }) => textMap.hitNs / textQuestion.hitNs,
    ),
    of(
      'Map with new texts, miss, as a multiple',
      '×',
      ({ textMap, textQuestion }) => textMap.missNs / textQuestion.missNs,
    ),
  ];
}

function refreshFigures(reports: readonly RefreshReport[]): Figure[] {
  if (reports.length === 0) return [];
  const of = figuresOf(reports);
  return [
    of('refresh of a whole set: time', 's', ({ ms }) => ms / 1000),
    of('refresh: event-loop delay p50', 'ms', ({ delay }) => delay.p50),
    of('refresh: event-loop delay p99', 'ms', ({ delay }) => delay.p99),
    of('refresh: event-loop delay max', 'ms', ({ delay }) => delay.max),
    of('refresh: CPU time of a turn p50', 'ms', ({ turns }) => turns.p50),
    of('refresh: CPU time of a turn p99', 'ms', ({ turns }) => turns.p99),
    of('refresh: CPU time of a turn max', 'ms', ({ turns }) => turns.max),
  ];
}

function fetchFigures(reports: readonly FetchReport[]): Figure[] {
  if (reports.length === 0) return [];
  const of = figuresOf(reports);
  return [
    of('fetch of a whole set: time', 's', ({ ms }) => ms / 1000),
    of('fetch: event-loop delay p99', 'ms', ({ delay }) => delay.p99),
    of('fetch: event-loop delay max', 'ms', ({ delay }) => delay.max),
    of('fetch: peak of the heap', 'MB', ({ heapBytes }) => heapBytes / 2 ** 20),
    of('fetch: peak memory of the process', 'MB', ({ peakBytes }) => peakBytes / 2 ** 20),
  ];
}

/** One measurement in a process of its own. */
function measure<Report>(file: string, exact: number, ranges: number): Promise<Report> {
  const child = fork(new URL(file, import.meta.url), [String(exact), String(ranges)], {
    execArgv: [`--max-old-space-size=${heapMegabytes}`, ...process.execArgv],
  });
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as Report));
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`${file} ended without a report: ${code ?? signal}`)));
  });
}
