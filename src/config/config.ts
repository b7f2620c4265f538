import { readFileSync } from 'node:fs';
import { jointProblems } from './joint-rules.ts';
import type { Option } from './option.ts';
import { options, type Config } from './options.ts';
import { unknownNames } from './unknown-names.ts';

export type { Config } from './options.ts';

export interface LoadedConfig {
  /** Null when there is a problem. */
  readonly config: Config | null;
  /** All problems at once, each naming the variable, the value seen and the value wanted. */
  readonly problems: readonly string[];
  /** TI_FEEDS as it stands, whatever else is wrong; null when it is unset or cannot be read. */
  readonly feedsText: string | null;
  /** SINKS as it stands. */
  readonly sinksText: string;
  /** Variables that look like ours and are not: errors in `check`, warnings in `serve`. */
  readonly unknown: readonly string[];
}

/** What of the configuration says how the rule judges: all that a backtest needs. */
const ruleNames = [
  'lookback',
  'flushInterval',
  'minConfidence',
  'excludedRanges',
  'activityStatuses',
  'deduplicate',
  'alertRepeat',
  'allowLists',
  'severityPolicy',
  'publicUrl',
  'portalUrl',
  'indicatorMaxAge',
  'refreshInterval',
  'nonInteractiveHub',
  'managedIdentityHub',
] as const satisfies readonly (keyof Config)[];

export type RuleConfig = Pick<Config, (typeof ruleNames)[number]>;

export interface LoadedRuleConfig extends Pick<LoadedConfig, 'problems' | 'unknown'> {
  /** Null when there is a problem. */
  readonly config: RuleConfig | null;
}

/** What of the configuration says where the state is kept: all that looking at it needs. */
const stateNames = [
  'state',
  'storageConnectionString',
  'storageAccountUrl',
  'storageContainer',
] as const satisfies readonly (keyof Config)[];

export type StateConfig = Pick<Config, (typeof stateNames)[number]>;

export interface LoadedStateConfig extends Pick<LoadedConfig, 'problems' | 'unknown'> {
  /** Null when there is a problem. */
  readonly config: StateConfig | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a variable, or the file that NAME_FILE names. */
function rawValue(option: Option<unknown>, environment: Environment, problems: string[]): string | undefined {
  const direct = environment[option.env];
  const file = environment[`${option.env}_FILE`] ?? '';
  // Empty is how a compose file passes on what nobody set.
  if (file === '') return direct;
  if (direct !== undefined && direct !== '') {
    problems.push(`Cannot read ${option.env} as ${option.env}_FILE is set too: set one of them`);
    return undefined;
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    problems.push(`Cannot read ${option.env}_FILE: ${file}: ${cause instanceof Error ? cause.message : String(cause)}`);
    return undefined;
  }
}

/** The value of an option, null when it is unset; undefined, with a problem, when it cannot be read. */
function valueOf(option: Option<unknown>, environment: Environment, problems: string[]): unknown {
  const before = problems.length;
  const given = rawValue(option, environment, problems);
  if (problems.length > before) return undefined;
  const raw = given ?? option.fallback;
  if (raw === undefined || (raw.trim() === '' && option.fallback === undefined)) return null;
  const value = option.read(raw.trim(), problems);
  if (value !== undefined || problems.length > before) return value;
  const seen = option.secret ? 'a value that is kept secret' : JSON.stringify(raw);
  problems.push(`Cannot use ${option.env} as it is not ${option.expected}: current value is ${seen}`);
  return undefined;
}

/** Reads the named options and reports all problems: of each, and of those together that could be read. */
function readValues(
  names: readonly (keyof Config)[],
  environment: Environment,
): { readonly values: Partial<Config>; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const entries = names.map((name) => [name, valueOf(options[name], environment, problems)] as const);
  const values: Partial<Config> = Object.fromEntries(entries);
  const readable = new Set(entries.filter(([, value]) => value !== undefined).map(([name]) => name));
  return { values, problems: [...problems, ...jointProblems(values, readable)] };
}

/** Reads the configuration from an environment and reports all problems together. */
export function loadConfig(environment: Environment): LoadedConfig {
  const { values, problems } = readValues(Object.keys(options) as (keyof Config)[], environment);
  const config = problems.length === 0 ? (values as Config) : null;
  return {
    config,
    problems,
    feedsText: values.feeds ?? null,
    sinksText: values.sinks ?? '',
    unknown: unknownNames(environment),
  };
}

/** Reads the options of the rule alone, whatever the others are. */
export function loadRuleConfig(environment: Environment): LoadedRuleConfig {
  const { values, problems } = readValues(ruleNames, environment);
  const config = problems.length === 0 ? (values as RuleConfig) : null;
  return { config, problems, unknown: unknownNames(environment) };
}

/** Reads where the state is kept, whatever the other options are. A folder needs no storage account. */
export function loadStateConfig(environment: Environment): LoadedStateConfig {
  const place = readValues(['state'], environment);
  const isFolder = place.values.state?.startsWith('file:') === true;
  const { values, problems } = isFolder ? place : readValues(stateNames, environment);
  const unread = { storageConnectionString: null, storageAccountUrl: null, storageContainer: '' };
  const config = problems.length === 0 ? ({ ...unread, ...values } as StateConfig) : null;
  return { config, problems, unknown: unknownNames(environment) };
}
