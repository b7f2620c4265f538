import { parseStixTime } from '../core/intel/stix-time.ts';

export interface ReplayArguments {
  readonly records: readonly string[];
  readonly indicators: readonly string[];
  readonly deadLetters: readonly string[];
  /** The instant to evaluate at, ms since 1970; null replays hour by hour. */
  readonly at: number | null;
  readonly semantics: 'repaired' | 'kql';
  readonly compare: boolean;
  readonly format: 'ndjson' | 'table';
  readonly asOf: boolean;
  readonly defaultConfidence: number | null;
}

export type ReadArguments = ReplayArguments | { readonly problems: readonly string[] };

const listOptions = ['--records', '--indicators', '--dead-letters'] as const;
const valueOptions = ['--at', '--semantics', '--format', '--default-confidence'] as const;
const flagOptions = ['--compare', '--indicators-as-of'] as const;

type Name = (typeof listOptions | typeof valueOptions | typeof flagOptions)[number];

const names: readonly Name[] = [...listOptions, ...valueOptions, ...flagOptions];

/** Reads the command line of `replay`, or tells all of its problems at once. */
export function readReplayArguments(args: readonly string[]): ReadArguments {
  const problems: string[] = [];
  const given = valuesOf(args, problems);
  const listOf = (name: Name): readonly string[] => given.get(name) ?? [];
  for (const name of flagOptions)
    if (listOf(name).length > 0)
      problems.push(`Cannot use ${name} with a value: current value is ${listOf(name).join(' ')}`);
  for (const name of listOptions)
    if (given.has(name) && listOf(name).length === 0) problems.push(`Cannot use ${name} as it names no path`);
  const at = single(given, '--at', 'an instant such as 2026-03-02T12:00:00Z', problems, instant);
  const semantics = single(given, '--semantics', 'repaired or kql', problems, oneOf(['repaired', 'kql']));
  const format = single(given, '--format', 'ndjson or table', problems, oneOf(['ndjson', 'table']));
  const confidence = single(given, '--default-confidence', 'a whole number from 0 to 100', problems, percentage);
  const compare = given.has('--compare');
  if (!given.has('--indicators')) problems.push('Cannot replay as --indicators is missing: name a STIX bundle');
  if (!given.has('--records') && !given.has('--dead-letters'))
    problems.push('Cannot replay as --records is missing: name a file of records');
  if (compare && !given.has('--at')) problems.push('Cannot use --compare without --at');
  if (compare && given.has('--semantics')) problems.push('Cannot use --compare with --semantics: it shows both');
  if (semantics === 'kql' && !given.has('--at')) problems.push('Cannot use --semantics kql without --at');
  if (problems.length > 0) return { problems };
  return {
    records: listOf('--records'),
    indicators: listOf('--indicators'),
    deadLetters: listOf('--dead-letters'),
    at,
    semantics: semantics ?? 'repaired',
    compare,
    format: format ?? 'ndjson',
    asOf: given.has('--indicators-as-of'),
    defaultConfidence: confidence,
  };
}

/** The values of each option given: those up to the next option, or the one behind `=`. */
function valuesOf(args: readonly string[], problems: string[]): ReadonlyMap<Name, string[]> {
  const given = new Map<Name, string[]>();
  let values: string[] | null = null;
  for (const arg of args) {
    if (!arg.startsWith('--')) {
      if (values === null) problems.push(`Cannot use ${arg} as no option stands in front of it`);
      else values.push(arg);
      continue;
    }
    const [, text = arg, value] = /^(--[^=]+)=(.*)$/s.exec(arg) ?? [];
    const name = names.find((known) => known === text);
    if (name === undefined) problems.push(`Cannot use ${text} as there is no such option`);
    values = (name === undefined ? undefined : given.get(name)) ?? [];
    if (name !== undefined) given.set(name, values);
    if (value !== undefined) values.push(value);
  }
  return given;
}

/** The value of an option that takes one, null when it is not given or was a problem. */
function single<Value>(
  given: ReadonlyMap<Name, readonly string[]>,
  name: Name,
  wanted: string,
  problems: string[],
  read: (text: string) => Value | null,
): Value | null {
  const values = given.get(name);
  if (values === undefined) return null;
  const [text = ''] = values;
  const value = values.length === 1 ? read(text) : null;
  const seen = values.length === 0 ? 'none' : values.join(' ');
  if (value === null) problems.push(`Cannot use ${name} as it is not ${wanted}: current value is ${seen}`);
  return value;
}

function instant(text: string): number | null {
  const ms = parseStixTime(text)?.ms;
  return ms !== undefined && Number.isInteger(ms) ? ms : null;
}

function percentage(text: string): number | null {
  return /^\d{1,3}$/.test(text) && Number(text) <= 100 ? Number(text) : null;
}

function oneOf<const Value extends string>(values: readonly Value[]): (text: string) => Value | null {
  return (text) => values.find((value) => value === text) ?? null;
}
