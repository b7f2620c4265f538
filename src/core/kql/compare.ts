import { rowColumns, type Row } from '../alert/row.ts';
import { fold } from '../observation.ts';
import { readAddress } from './address-case.ts';
import type { KqlTables } from './kql-tables.ts';
import { noRepairs, repairMeanings, repairs, type Repair, type Repairs } from './repair.ts';

/**
 * Why two results differ: the repairs that make the difference. `unknown` says that the rows given are not those of the
 * tables, so that nothing can be derived.
 */
export type Reason = Repair | 'unknown';

export function reasonMeaning(reason: Reason): string {
  return reason === 'unknown' ? 'the rows do not follow from the records and indicators given' : repairMeanings[reason];
}

export interface ColumnDifference {
  readonly column: keyof Row;
  readonly kql: Row[keyof Row];
  readonly repaired: Row[keyof Row];
  readonly reasons: readonly Reason[];
}

/** A row of either result beside its counterpart. A row that letter case or address form splits has several entries. */
export interface ComparedRow {
  readonly caller: string;
  /** Canonical address, or the text that is none. */
  readonly ip: string;
  readonly side: 'both' | 'kql' | 'repaired';
  /** Columns that differ, in the order of the row; none where one side has no row. */
  readonly columns: readonly ColumnDifference[];
  /** Empty when the two rows are equal. */
  readonly reasons: readonly Reason[];
}

/** Rows of one address, by folded caller. */
type RowsByCaller = ReadonlyMap<string, readonly Row[]>;

function byCaller(rows: readonly Row[]): RowsByCaller {
  const grouped = new Map<string, Row[]>();
  for (const row of rows) {
    const known = grouped.get(fold(row.Caller));
    if (known === undefined) grouped.set(fold(row.Caller), [row]);
    else known.push(row);
  }
  return grouped;
}

/** What a caller's rows show in one place, whatever their number: a column, or whether there is a row at all. */
function shown(rows: readonly Row[], place: keyof Row | 'presence'): string {
  if (place === 'presence') return String(rows.length > 0);
  return JSON.stringify([...new Set(rows.map((row) => JSON.stringify(row[place])))].sort());
}

function sameRows(a: readonly Row[], b: readonly Row[]): boolean {
  const texts = (rows: readonly Row[]): string => JSON.stringify(rows.map((row) => JSON.stringify(row)).sort());
  return texts(a) === texts(b);
}

/**
 * Traces differences at one address by evaluating it again: from the letter on, one repair after another, and once with
 * each single repair left out. A repair is a reason when making it changes what is shown or leaving it out does. What
 * differs between the ends of the walk changes at some step of it, so every difference has a reason.
 */
class AddressTrace {
  readonly #walk: readonly RowsByCaller[];
  readonly #without: ReadonlyMap<Repair, RowsByCaller>;

  constructor(tables: KqlTables, ip: string, at: number) {
    const evaluate = (made: Repairs): RowsByCaller => byCaller(tables.evaluateAddress(ip, at, made));
    const prefixes = repairs.map((_, index) => new Set(repairs.slice(0, index + 1)));
    this.#walk = [noRepairs, ...prefixes].map(evaluate);
    this.#without = new Map(
      repairs.map((left) => [left, evaluate(new Set(repairs.filter((repair) => repair !== left)))]),
    );
  }

  /** Whether the evaluation gives the rows that are to be explained. */
  explains(caller: string, kql: readonly Row[], repaired: readonly Row[]): boolean {
    return sameRows(this.#walk[0]?.get(caller) ?? [], kql) && sameRows(this.#walk.at(-1)?.get(caller) ?? [], repaired);
  }

  reasons(caller: string, place: keyof Row | 'presence'): Repair[] {
    const steps = this.#walk.map((rows) => shown(rows.get(caller) ?? [], place));
    return repairs.filter((repair, index) => {
      const without = shown(this.#without.get(repair)?.get(caller) ?? [], place);
      return steps[index] !== steps[index + 1] || without !== steps.at(-1);
    });
  }
}

interface Pair {
  readonly caller: string;
  readonly ip: string;
  readonly kql: Row[];
  readonly repaired: Row[];
}

function pairsOf(kql: readonly Row[], repaired: readonly Row[]): Pair[] {
  const pairs = new Map<string, Pair>();
  const pairOf = (row: Row): Pair => {
    const ip = readAddress(row.TI_IP).canonical;
    const caller = fold(row.Caller);
    const key = JSON.stringify([ip, caller]);
    const known = pairs.get(key) ?? { caller, ip, kql: [], repaired: [] };
    pairs.set(key, known);
    return known;
  };
  for (const row of repaired) pairOf(row).repaired.push(row);
  for (const row of kql) pairOf(row).kql.push(row);
  return [...pairs.values()];
}

function inOrder(reasons: Iterable<Reason>): Reason[] {
  const given = new Set(reasons);
  const ordered: Reason[] = repairs.filter((repair) => given.has(repair));
  return given.has('unknown') ? [...ordered, 'unknown'] : ordered;
}

/**
 * Joins the rows of both semantics at one instant (milliseconds since 1970) by canonical address and folded caller, and
 * says why they differ.
 *
 * @param tables Fed with the records and indicators that both results come from, made with the options of the repaired.
 */
export function compareRows(
  tables: KqlTables,
  at: number,
  kql: readonly Row[],
  repaired: readonly Row[],
): ComparedRow[] {
  const traces = new Map<string, AddressTrace>();
  const traceOf = (ip: string): AddressTrace => {
    const trace = traces.get(ip) ?? new AddressTrace(tables, ip, at);
    traces.set(ip, trace);
    return trace;
  };
  return pairsOf(kql, repaired).flatMap((pair) => comparePair(pair, () => traceOf(pair.ip)));
}

function comparePair(pair: Pair, traceOf: () => AddressTrace): ComparedRow[] {
  const { caller, ip } = pair;
  const reasonsAt = (place: keyof Row | 'presence'): Reason[] => {
    const trace = traceOf();
    const reasons = trace.explains(caller, pair.kql, pair.repaired) ? trace.reasons(caller, place) : [];
    return reasons.length === 0 ? ['unknown'] : reasons;
  };
  const [counterpart] = pair.repaired;
  if (counterpart === undefined || pair.kql.length === 0) {
    const side = counterpart === undefined ? 'kql' : 'repaired';
    const reasons = reasonsAt('presence');
    return [...pair.kql, ...pair.repaired].map((row) => ({ caller: row.Caller, ip, side, columns: [], reasons }));
  }
  return pair.kql.map((row) => {
    const columns = rowColumns
      .filter((column) => JSON.stringify(row[column]) !== JSON.stringify(counterpart[column]))
      .map((column) => ({ column, kql: row[column], repaired: counterpart[column], reasons: reasonsAt(column) }));
    const reasons = inOrder(columns.flatMap((column) => column.reasons));
    return { caller: counterpart.Caller, ip, side: 'both', columns, reasons };
  });
}
