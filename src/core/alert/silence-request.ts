import type { AddressRange } from '../address.ts';
import { parseCidr } from '../address-range.ts';
import { formatMs } from '../time.ts';

/** A silence as somebody asks for it; the rest of it is given by whoever takes it. */
export interface SilenceRequest {
  /** Without regard to case; null is any. */
  readonly caller: string | null;
  /** An address or a CIDR range; null is any. */
  readonly ip: string | null;
  /** Operations without regard to case, a `*` at the end for any that begin so; empty is any. */
  readonly operations: readonly string[];
  /** ISO 8601 UTC. */
  readonly until: string;
  readonly author: string;
  readonly reason: string;
}

/** A member that cannot be used; "" is the silence as a whole. */
export interface SilenceProblem {
  readonly field: string;
  readonly detail: string;
}

/** `isOver` is only found where a silence may be over: in a file, which nobody tidies. */
export type ReadSilence =
  { readonly request: SilenceRequest; readonly isOver: boolean } | { readonly problems: readonly SilenceProblem[] };

const known = ['caller', 'ip', 'operations', 'until', 'author', 'reason'];
const operationsMax = 20;
const nameMax = 256;
const reasonMax = 1000;
/** Longest silence. */
const lastsMaxDays = 366;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/;

/** Gathers what is wrong with the members of a silence. */
class Members {
  readonly problems: SilenceProblem[] = [];
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
    for (const field of Object.keys(values).filter((name) => !known.includes(name)))
      this.fail(field, `Cannot use ${cut(field)} as no such member exists: known are ${known.join(', ')}`);
  }

  fail(field: string, detail: string): void {
    this.problems.push({ field, detail });
  }

  refuse(field: string, wanted: string): void {
    const value = this.#values[field];
    const seen = value === undefined ? 'nothing' : cut(JSON.stringify(value));
    this.fail(field, `Cannot use ${field} as it must be ${wanted}: current value is ${seen}`);
  }

  text(field: string, most: number, wanted: string, accepts: (text: string) => boolean = () => true): string {
    const seen = this.#values[field];
    if (typeof seen === 'string' && seen.trim() !== '' && seen.length <= most && accepts(seen)) return seen;
    this.refuse(field, wanted);
    return '';
  }

  optional(field: string, most: number, wanted: string, accepts?: (text: string) => boolean): string | null {
    return this.#values[field] == null ? null : this.text(field, most, wanted, accepts);
  }

  texts(field: string, most: number, each: number): readonly string[] {
    const value = this.#values[field];
    if (value == null) return [];
    const isText = (item: unknown): item is string => typeof item === 'string' && item !== '' && item.length <= each;
    if (Array.isArray(value) && value.length <= most && value.every(isText)) return value;
    this.refuse(field, `a list of at most ${most} texts of at most ${each} characters`);
    return [];
  }
}

function cut(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/**
 * Reads `{caller?, ip?, operations?, until, author, reason}`, or tells every problem. At least one of the first three is
 * needed: what covers everything would hide everything.
 * @param mayBeOver Whether a time that has passed is accepted.
 */
export function readSilence(value: unknown, nowMs: number, mayBeOver = false): ReadSilence {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { problems: [{ field: '', detail: 'Cannot use the silence as it must be a JSON object' }] };
  const members = new Members(value as Readonly<Record<string, unknown>>);
  const request: SilenceRequest = {
    caller: members.optional('caller', nameMax, `a text of at most ${nameMax} characters`),
    ip: members.optional('ip', nameMax, 'an IP address or a CIDR range', (seen) => parseCidr(seen) !== null),
    operations: members.texts('operations', operationsMax, nameMax),
    until: members.text('until', 30, 'an instant such as 2026-03-01T12:00:00Z', (seen) => untilMs(seen) !== null),
    author: members.text('author', nameMax, `a name of at most ${nameMax} characters`),
    reason: members.text('reason', reasonMax, `a reason of at most ${reasonMax} characters`),
  };
  const endMs = untilMs(request.until);
  if (endMs !== null && endMs > nowMs + lastsMaxDays * 86_400_000)
    members.refuse('until', `at most ${lastsMaxDays} days from now`);
  if (endMs !== null && endMs <= nowMs && !mayBeOver) members.refuse('until', 'an instant to come');
  if (members.problems.length === 0 && isEverything(request))
    members.fail('', 'Cannot silence everything: name caller, ip or operations');
  const { problems } = members;
  if (problems.length > 0 || endMs === null) return { problems };
  return { request: { ...request, until: formatMs(endMs) }, isOver: endMs <= nowMs };
}

function isEverything({ caller, ip, operations }: SilenceRequest): boolean {
  const range = ip === null ? null : parseCidr(ip);
  const isAnyAddress = range === null || isWholeFamily(range);
  return caller === null && isAnyAddress && (operations.length === 0 || operations.includes('*'));
}

function isWholeFamily({ first, last }: AddressRange): boolean {
  const size = BigInt(last) - BigInt(first) + 1n;
  return size === 1n << (typeof first === 'number' ? 32n : 128n);
}

/** Null for what is no instant, such as the 31st of February. */
function untilMs(text: string): number | null {
  const ms = instant.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(text.slice(0, 10)) ? null : ms;
}
