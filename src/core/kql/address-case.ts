import { formatAddress, parseAddress, type Address } from '../address.ts';
import type { RangeSet } from '../address-range.ts';
import { isEarly } from '../early.ts';
import { fold } from '../observation.ts';
import type { ActivityRecord, ReceivedRecord, SignInRecord } from '../record.ts';
import { compareTime, eventTime, type EventTime } from '../time.ts';
import { hasPrivatePrefix } from './private-prefix.ts';
import type { Repairs } from './repair.ts';
import type { TiTerm } from './ti-term.ts';

/** What of the repaired semantics can be configured; the letter of the rule knows none of it. */
export interface RepairOptions {
  readonly minConfidence: number;
  readonly excluded: RangeSet;
  /** Values of resultType that count, as configured. */
  readonly statuses: readonly string[];
  readonly deduplicate: boolean;
  /** Records enqueued later than this after the evaluation instant do not count yet; null counts all. */
  readonly flushDelayMs: number | null;
}

/** A record of an address and when Event Hubs took it. */
export interface CaseRecord<Kind> {
  readonly record: Kind;
  readonly enqueuedMs: number;
}

/**
 * Everything about one address: every record whose address reads as it, in the order given, and every term that may
 * meet it. The rule joins on addresses alone, so an address is judged by itself.
 */
export interface AddressCase {
  /** Null when the text that the records carry is no address. */
  readonly address: Address | null;
  /** The canonical text of the address, or the text itself when it is none. */
  readonly canonical: string;
  readonly terms: readonly TiTerm[];
  readonly activities: CaseRecord<ActivityRecord>[];
  readonly users: CaseRecord<SignInRecord>[];
  readonly servicePrincipals: CaseRecord<SignInRecord>[];
}

/** What a text names as a caller address: the address, or else the text itself. */
export function readAddress(text: string): { readonly address: Address | null; readonly canonical: string } {
  const address = parseAddress(text);
  return { address, canonical: address === null ? text : formatAddress(address) };
}

/** A record that counts, the time it counts at and the text its address is joined by. */
export interface CountedRecord<Kind> {
  readonly record: Kind;
  readonly time: EventTime;
  readonly ip: string;
}

export interface Evaluation {
  /** The evaluation instant, in milliseconds since 1970. */
  readonly at: number;
  readonly lookbackMs: number;
  readonly repairs: Repairs;
  readonly options: RepairOptions;
}

function timeOf(
  { record: { time }, enqueuedMs }: CaseRecord<ReceivedRecord['record']>,
  repairs: Repairs,
): EventTime | null {
  if (time === null) return repairs.has('undated') ? eventTime(enqueuedMs) : null;
  return repairs.has('early') && isEarly(time, enqueuedMs) ? eventTime(enqueuedMs) : time;
}

function isSuccess(record: ReceivedRecord['record'], { repairs, options }: Evaluation): boolean {
  if (record.stream !== 'activity') return record.resultType === '0';
  const status = fold(record.resultType);
  if (!repairs.has('activity-status')) return status === 'success';
  return options.statuses.some((wanted) => fold(wanted) === status);
}

/** The records of a case that count: the rule's `where` clauses, window (at − lookback, at]. */
export function countedRecords<Kind extends ReceivedRecord['record']>(
  records: readonly CaseRecord<Kind>[],
  { address, canonical }: AddressCase,
  evaluation: Evaluation,
): CountedRecord<Kind>[] {
  const { at, lookbackMs, repairs, options } = evaluation;
  if (
    address === null ? repairs.has('address-form') : repairs.has('excluded-range') && options.excluded.contains(address)
  )
    return [];
  const cut = options.flushDelayMs === null ? Number.POSITIVE_INFINITY : at + options.flushDelayMs;
  const counted: CountedRecord<Kind>[] = [];
  for (const each of records) {
    const { record } = each;
    if (record.address === '' || !isSuccess(record, evaluation)) continue;
    if (!repairs.has('private-prefix') && hasPrivatePrefix(record.address)) continue;
    if (repairs.has('late-enqueued') && each.enqueuedMs > cut) continue;
    const time = timeOf(each, repairs);
    if (time === null || compareTime(time, eventTime(at - lookbackMs)) <= 0 || compareTime(time, eventTime(at)) > 0)
      continue;
    counted.push({ record, time, ip: repairs.has('address-form') ? canonical : record.address });
  }
  return counted;
}
