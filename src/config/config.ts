import { readFileSync } from 'node:fs';
import type { Option } from './option.ts';
import { options } from './options.ts';

type ValueOf<O> = O extends Option<infer Value> ? Value : never;

/** The configuration: one value per option of the table. */
export type Config = { readonly [Name in keyof typeof options]: ValueOf<(typeof options)[Name]> };

export interface LoadedConfig {
  /** Null when there is a problem. */
  readonly config: Config | null;
  /** All problems at once, each naming the variable, the value seen and the value wanted. */
  readonly problems: readonly string[];
  /** Variables that look like ours and are not: errors in `check`, warnings in `serve`. */
  readonly unknown: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads a variable, or the file that NAME_FILE names. */
function rawValue(option: Option<unknown>, environment: Environment, problems: string[]): string | undefined {
  const direct = environment[option.env];
  const file = environment[`${option.env}_FILE`];
  if (direct !== undefined && file !== undefined) {
    problems.push(`Cannot read ${option.env} as ${option.env}_FILE is set too: set one of them`);
    return undefined;
  }
  if (file === undefined) return direct;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    problems.push(`Cannot read ${option.env}_FILE: ${file}: ${cause instanceof Error ? cause.message : String(cause)}`);
    return undefined;
  }
}

function valueOf(option: Option<unknown>, environment: Environment, problems: string[]): unknown {
  const raw = rawValue(option, environment, problems) ?? option.fallback;
  if (raw === undefined || (raw === '' && option.fallback === undefined)) return null;
  const value = option.read(raw.trim());
  if (value !== undefined) return value;
  const seen = option.secret ? 'a value that is kept secret' : JSON.stringify(raw);
  problems.push(`Cannot use ${option.env} as it is not ${option.expected}: current value is ${seen}`);
  return null;
}

/** Rules between options, each with the values it saw in its message. */
function jointProblems(config: Config): string[] {
  const problems: string[] = [];
  const require = (holds: boolean, message: string): void => {
    if (!holds) problems.push(message);
  };
  require(config.eventHubConnectionString !== null ||
    config.eventHubNamespace !==
      null, 'Cannot reach Event Hubs as neither EVENTHUB_CONNECTION_STRING nor EVENTHUB_NAMESPACE is set: set one of them');
  require(config.storageConnectionString !== null ||
    config.storageAccountUrl !==
      null, 'Cannot reach Blob storage as neither STORAGE_CONNECTION_STRING nor STORAGE_ACCOUNT_URL is set: set one of them');
  require(config.feeds !==
    null, 'Cannot match anything as TI_FEEDS is not set: set it to a JSON list of feeds or @FILE');
  require(86_400_000 % config.flushInterval === 0 &&
    config.flushInterval >=
      60_000, `Cannot use FLUSH_INTERVAL as it must divide a day and be at least 1m: current value is ${config.flushInterval} ms`);
  require(config.lookback % config.flushInterval === 0 &&
    config.lookback >
      0, `Cannot use LOOKBACK as it must be a multiple of FLUSH_INTERVAL: current values are ${config.lookback} ms and ${config.flushInterval} ms`);
  require(config.excludedRanges.length >
    0, 'Cannot use EXCLUDED_RANGES as it is empty: name at least one range, such as 127.0.0.0/8');
  require(config.speed === 1 ||
    isDevelopment(
      config,
    ), 'Cannot use SPEED as the Event Hubs endpoint is not a development endpoint: remove SPEED, or add UseDevelopmentEmulator=true to the connection string of a local broker');
  return problems;
}

/** Whether every stream is read from a development endpoint. */
export function isDevelopment(config: Config): boolean {
  const connections = [
    config.eventHubConnectionString,
    config.activityConnectionString,
    config.signInConnectionString,
    config.servicePrincipalConnectionString,
  ];
  const given = connections.filter((connection) => connection !== null);
  return (
    given.length > 0 && given.every((connection) => /(^|;)\s*UseDevelopmentEmulator=true\s*(;|$)/.test(connection))
  );
}

const prefixes =
  /^(EVENTHUB|ACTIVITY|SIGN_IN|SERVICE_PRINCIPAL|NON_INTERACTIVE|MANAGED_IDENTITY|TI|FLUSH|CANDIDATE|PINNED|DEDUPLICATE|SNAPSHOT|DEAD_LETTERS|STORAGE|INDICATOR|ALERT|TIDEWATCH)_/;

function unknownNames(environment: Environment): string[] {
  const known = new Set<string>(Object.values(options).flatMap(({ env }) => [env, `${env}_FILE`]));
  return Object.keys(environment).filter((name) => prefixes.test(name) && !known.has(name));
}

/** Reads the configuration from an environment and reports all problems together. */
export function loadConfig(environment: Environment): LoadedConfig {
  const problems: string[] = [];
  const entries = Object.entries(options).map(([name, option]) => [name, valueOf(option, environment, problems)]);
  const config = Object.fromEntries(entries) as Config;
  if (problems.length === 0) problems.push(...jointProblems(config));
  return { config: problems.length === 0 ? config : null, problems, unknown: unknownNames(environment) };
}
