import { parseCidr } from '../address-range.ts';

/** A silence as somebody asks for it; the rest of it is given by whoever takes it. */
export interface SilenceRequest {
  readonly caller: string | null;
  readonly ip: string | null;
  readonly operations: readonly string[];
  readonly until: string;
  readonly author: string;
  readonly reason: string;
}

export interface SilenceProblem {
  readonly field: string;
  readonly detail: string;
}

const known = ['caller', 'ip', 'operations', 'until', 'author', 'reason'];
const operationsMax = 100;
const textMax = 1000;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/;

/**
 * Reads `{caller?, ip?, operations?, until, author, reason}`, or tells every problem. At least one of the first three is
 * needed: what covers everything would hide everything.
 */
export function readSilence(
  value: unknown,
  nowMs: number,
): { readonly request: SilenceRequest } | { readonly problems: readonly SilenceProblem[] } {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { problems: [{ field: '', detail: 'Cannot use the silence as it must be a JSON object' }] };
  const fields = value as Readonly<Record<string, unknown>>;
  const problems: SilenceProblem[] = [];
  const refuse = (field: string, wanted: string): void => {
    const seen = fields[field] === undefined ? 'nothing' : JSON.stringify(fields[field]).slice(0, 200);
    problems.push({ field, detail: `Cannot use ${field} as it must be ${wanted}: current value is ${seen}` });
  };
  const text = (field: string, wanted: string, accepts: (text: string) => boolean): string => {
    const seen = fields[field];
    if (typeof seen === 'string' && seen.trim() !== '' && seen.length <= textMax && accepts(seen)) return seen;
    refuse(field, wanted);
    return '';
  };
  const optional = (field: string, wanted: string, accepts: (text: string) => boolean): string | null =>
    fields[field] == null ? null : text(field, wanted, accepts);
  const request = {
    caller: optional('caller', `a text of at most ${textMax} characters`, () => true),
    ip: optional('ip', 'an IP address or a CIDR range', (seen) => parseCidr(seen) !== null),
    operations: readOperations(fields['operations'], () => refuse('operations', 'a list of at most 100 texts')),
    until: text('until', 'an instant to come, such as 2026-03-01T12:00:00Z', (seen) => isAfter(seen, nowMs)),
    author: text('author', 'the name of who asks for it', () => true),
    reason: text('reason', 'a reason', () => true),
  };
  for (const field of Object.keys(fields).filter((field) => !known.includes(field)))
    problems.push({ field, detail: `Cannot use ${field} as no such field exists: known are ${known.join(', ')}` });
  if (problems.length === 0 && request.caller === null && request.ip === null && request.operations.length === 0)
    problems.push({ field: '', detail: 'Cannot silence everything: name caller, ip or operations' });
  return problems.length > 0 ? { problems } : { request };
}

function readOperations(value: unknown, refuse: () => void): readonly string[] {
  if (value == null) return [];
  const isText = (item: unknown): item is string => typeof item === 'string' && item !== '' && item.length <= textMax;
  if (Array.isArray(value) && value.length <= operationsMax && value.every(isText)) return value;
  refuse();
  return [];
}

function isAfter(text: string, nowMs: number): boolean {
  return instant.test(text) && Date.parse(text) > nowMs;
}
