import { formatAddress } from '../address.ts';
import { RangeSet } from '../address-range.ts';
import type { Row } from '../alert/row.ts';
import { compareText } from '../intel/stix-time.ts';
import type { ReceivedRecord } from '../record.ts';
import { readAddress, type AddressCase, type RepairOptions } from './address-case.ts';
import { IntervalIndex } from './interval-index.ts';
import { noRepairs, type Repairs } from './repair.ts';
import { rowsOf } from './summarize.ts';
import { termsOf, type TiTerm } from './ti-term.ts';
import { readVersions, type SourcedObject } from './ti-version.ts';

/** The options by which the repaired semantics would be the letter, were it not for its repairs. */
const letterOptions: RepairOptions = {
  minConfidence: 75,
  excluded: new RangeSet([]),
  statuses: ['Success'],
  deduplicate: false,
  flushDelayMs: null,
};

/**
 * The tables that the rule reads, kept by address so that an evaluation touches only addresses that some version of some
 * indicator names. Give it every version of every indicator first, then records in any amounts, and evaluate at as many
 * instants as wanted.
 */
export class KqlTables {
  readonly #byKey = new Map<string, TiTerm[]>();
  readonly #ranges: IntervalIndex<TiTerm>;
  readonly #cases = new Map<string, AddressCase>();
  readonly #lookbackMs: number;
  readonly #options: RepairOptions;

  /** @param options What a comparison repairs towards; the letter of the rule needs none. */
  constructor(indicators: readonly SourcedObject[], lookbackMs: number, options: RepairOptions = letterOptions) {
    this.#lookbackMs = lookbackMs;
    this.#options = options;
    const ranges: (readonly [TiTerm['range'] & object, TiTerm])[] = [];
    for (const version of readVersions(indicators)) {
      for (const term of termsOf(version, options.excluded)) {
        if (term.range !== null && term.range.first !== term.range.last) ranges.push([term.range, term]);
        else this.#name(term);
      }
    }
    this.#ranges = new IntervalIndex(ranges);
  }

  #name(term: TiTerm): void {
    const key = term.range === null ? readAddress(term.text).canonical : formatAddress(term.range.first);
    const known = this.#byKey.get(key);
    if (known === undefined) this.#byKey.set(key, [term]);
    else known.push(term);
  }

  /** Takes a record. One whose address no indicator names is not kept. */
  add({ record, enqueuedMs }: ReceivedRecord): void {
    if (record.address === '' || record.stream === 'non_interactive' || record.stream === 'managed_identity') return;
    const addressCase = this.#caseOf(record.address);
    if (addressCase === null) return;
    if (record.stream === 'activity') addressCase.activities.push({ record, enqueuedMs });
    else if (record.stream === 'sign_in') addressCase.users.push({ record, enqueuedMs });
    else addressCase.servicePrincipals.push({ record, enqueuedMs });
  }

  /** Whether some version of some indicator may meet an address, whatever the instant and the semantics. */
  names(text: string): boolean {
    return text !== '' && this.#caseOf(text) !== null;
  }

  #caseOf(text: string): AddressCase | null {
    const { address, canonical } = readAddress(text);
    const known = this.#cases.get(canonical);
    if (known !== undefined) return known;
    const named = this.#byKey.get(canonical) ?? [];
    const terms = address === null ? named : [...named, ...this.#ranges.find(address)];
    if (terms.length === 0) return null;
    const opened = { address, canonical, terms, activities: [], users: [], servicePrincipals: [] };
    this.#cases.set(canonical, opened);
    return opened;
  }

  /** Forgets records that no evaluation after the instant (milliseconds since 1970) could count. */
  forget(beforeMs: number): void {
    const isKept = ({ record: { time }, enqueuedMs }: Pick<ReceivedRecord, 'record' | 'enqueuedMs'>): boolean =>
      Math.max(time?.ms ?? enqueuedMs, enqueuedMs) + this.#lookbackMs >= beforeMs;
    for (const [canonical, held] of this.#cases) {
      this.#cases.set(canonical, {
        ...held,
        activities: held.activities.filter(isKept),
        users: held.users.filter(isKept),
        servicePrincipals: held.servicePrincipals.filter(isKept),
      });
    }
  }

  /**
   * The rows of the rule at an instant over (at − lookback, at], ordered by address and caller. Without repairs to the
   * letter, whose `any()` and `make_set` follow the order of indicators and records given.
   */
  evaluate(at: number, repairs: Repairs = noRepairs): Row[] {
    const rows: Row[] = [];
    for (const held of this.#cases.values()) for (const row of this.#rows(held, at, repairs)) rows.push(row);
    return rows.sort((a, b) => compareText(a.TI_IP, b.TI_IP) || compareText(a.Caller, b.Caller));
  }

  /** The rows of one address, given by any of its texts. */
  evaluateAddress(text: string, at: number, repairs: Repairs): Row[] {
    const held = this.#cases.get(readAddress(text).canonical);
    return held === undefined ? [] : this.#rows(held, at, repairs);
  }

  #rows(held: AddressCase, at: number, repairs: Repairs): Row[] {
    return rowsOf(held, { at, lookbackMs: this.#lookbackMs, repairs, options: this.#options });
  }
}

/**
 * The rule to the letter at an instant (milliseconds since 1970), over every version of every indicator. For many
 * instants use KqlTables.
 */
export function evaluateKql(
  records: readonly ReceivedRecord[],
  indicators: readonly SourcedObject[],
  at: number,
  lookbackMs: number,
): Row[] {
  const tables = new KqlTables(indicators, lookbackMs);
  for (const record of records) tables.add(record);
  return tables.evaluate(at);
}
