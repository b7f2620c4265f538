import { resolve } from 'node:path';
import { type BlobSinkMembers, readBlobSink } from './blob-sink.ts';
import { type EventHubsSinkMembers, readEventHubsSink } from './event-hubs-sink.ts';
import { type Environment, variablesOf } from './feed-secret.ts';
import type { JsonFields } from './json-fields.ts';
import { parseJsonList, readEach } from './json-list.ts';
import { size } from './option.ts';
import { secretParts } from './secrets.ts';
import { readSentinelSink, type SentinelSinkMembers } from './sentinel-sink.ts';
import {
  type HttpSinkMembers,
  readAlertmanager,
  readPagerduty,
  readSlack,
  readTeams,
  readWebhook,
  secretsOfHttpSink,
} from './webhook-sink.ts';

/** The forms an alert can be rendered in. */
export const sinkFormats = ['native', 'ocsf', 'ecs', 'cloudevents'] as const;
export type SinkFormat = (typeof sinkFormats)[number];

/** What a sink does with silenced alerts. */
export const silencedChoices = ['send', 'skip'] as const;
export type SilencedChoice = (typeof silencedChoices)[number];

export interface SinkCommon {
  /** Unique; names the sink in metrics, health, logs and the state. */
  readonly name: string;
  readonly format: SinkFormat;
  /** Whether it is told of silenced alerts. */
  readonly silenced: SilencedChoice;
}

export interface StdoutSinkSettings extends SinkCommon {
  readonly type: 'stdout';
}

export interface FileSinkSettings extends SinkCommon {
  readonly type: 'file';
  readonly path: string;
  readonly rotateBytes: number | null;
  readonly keep: number;
  readonly fsync: boolean;
}

/** A sink on a service of Azure. */
type AzureSinkSettings = SinkCommon & (EventHubsSinkMembers | BlobSinkMembers | SentinelSinkMembers);

/** A sink that sends HTTP requests. */
export type HttpSinkSettings = SinkCommon & HttpSinkMembers;

export type SinkSettings = StdoutSinkSettings | FileSinkSettings | AzureSinkSettings | HttpSinkSettings;

/** Reads the members of one type of sink. */
type SinkReader<Settings extends SinkSettings> = (
  fields: JsonFields,
  common: SinkCommon,
  environment: Environment,
) => Settings;

const readers: { readonly [Type in SinkSettings['type']]: SinkReader<Extract<SinkSettings, { type: Type }>> } = {
  stdout: (_fields, common) => ({ ...common, type: 'stdout' }),
  file: (fields, common) => ({
    ...common,
    type: 'file',
    path: fields.text('path', 'the path of a file'),
    rotateBytes: fields.read<number | null>('rotateAt', 'a size such as 64MiB or null', null, (value) =>
      value === null ? null : readSize(value),
    ),
    keep: fields.integer('keep', 5, 0, 1000),
    fsync: fields.boolean('fsync', true),
  }),
  'event-hubs': (fields, common, environment) => ({ ...common, ...readEventHubsSink(fields, environment) }),
  blob: (fields, common) => ({ ...common, ...readBlobSink(fields) }),
  sentinel: (fields, common) => ({ ...common, ...readSentinelSink(fields) }),
  webhook: (fields, common, environment) => ({ ...common, ...readWebhook(fields, environment) }),
  slack: (fields, common, environment) => ({ ...common, ...readSlack(fields, environment) }),
  teams: (fields, common, environment) => ({ ...common, ...readTeams(fields, environment) }),
  pagerduty: (fields, common, environment) => ({ ...common, ...readPagerduty(fields, environment) }),
  alertmanager: (fields, common, environment) => ({ ...common, ...readAlertmanager(fields, environment) }),
};

/** What calls people, by default is not told of what is silenced; what keeps alerts is. */
const skipTypes: ReadonlySet<SinkSettings['type']> = new Set([
  'webhook',
  'slack',
  'teams',
  'pagerduty',
  'alertmanager',
]);

/** Types whose form is that of a service. */
const ownForms: ReadonlySet<SinkSettings['type']> = new Set(['slack', 'teams', 'pagerduty', 'alertmanager']);

export interface ReadSinks {
  /** Empty when there is a problem. */
  readonly sinks: readonly SinkSettings[];
  /** All problems at once. */
  readonly problems: readonly string[];
  /** Names of the variables that hold secrets of the sinks: `{"env": NAME}`. */
  readonly variables: readonly string[];
}

/** Those of feeds are called sightings:FEED. */
const sinkName = /^(?!sightings:)[^\s"\\][^"\\\n]{0,255}$/;

/**
 * Reads SINKS: a list such as `stdout,file:PATH`, a JSON list of sinks, or `@FILE` that holds one. Secrets may come from
 * files or the environment.
 */
export function readSinks(text: string, environment: Environment = process.env): ReadSinks {
  const problems: string[] = [];
  const list = readList(text, problems);
  const sinks = readEach('SINKS', list, problems, (fields) => readSink(fields, environment));
  problems.push(...repeated(sinks));
  return { sinks: problems.length === 0 ? sinks : [], problems, variables: variablesOf(list) };
}

/** Every secret of the sinks, wherever it came from, for logs to leave out. */
export function secretsOfSinks(sinks: readonly SinkSettings[]): readonly string[] {
  return [...new Set(sinks.flatMap(secretsOfSink))].filter((secret) => secret !== '');
}

function secretsOfSink(sink: SinkSettings): readonly string[] {
  switch (sink.type) {
    case 'stdout':
    case 'file':
    case 'blob':
    case 'sentinel':
      return [];
    case 'event-hubs':
      return sink.connectionString === null ? [] : [sink.connectionString, ...secretParts(sink.connectionString)];
    case 'webhook':
    case 'slack':
    case 'teams':
    case 'pagerduty':
    case 'alertmanager':
      return secretsOfHttpSink(sink);
  }
}

function readList(text: string, problems: string[]): readonly unknown[] {
  const isJson = text.startsWith('@') || text.startsWith('[');
  return isJson ? parseJsonList('SINKS', text, problems, 'sink') : readNames(text, problems);
}

/** Reads the short form, a comma between sinks, as the objects it stands for. */
function readNames(text: string, problems: string[]): readonly unknown[] {
  const names = text.split(',').map((name) => name.trim());
  const wanted = 'stdout, file:PATH, a JSON list of sinks or @FILE';
  if (names.every((name) => name === '')) {
    problems.push(`Cannot use SINKS as it is empty: name at least one of ${wanted}`);
    return [];
  }
  return names.flatMap((name) => {
    if (name === '') return [];
    if (name === 'stdout') return [{ type: 'stdout' }];
    if (/^file:./s.test(name)) return [{ type: 'file', path: name.slice('file:'.length) }];
    problems.push(`Cannot use SINKS as each must be ${wanted}: current value is ${JSON.stringify(name)}`);
    return [];
  });
}

function readSink(fields: JsonFields, environment: Environment): SinkSettings | null {
  const type = fields.value('type');
  if (!isSinkType(type)) {
    fields.problem('type', `must be one of ${Object.keys(readers).join(', ')}`, type);
    return null;
  }
  return readers[type](fields, readCommon(fields, type), environment);
}

function isSinkType(value: unknown): value is SinkSettings['type'] {
  return typeof value === 'string' && Object.hasOwn(readers, value);
}

function readCommon(fields: JsonFields, type: SinkSettings['type']): SinkCommon {
  const path = type === 'file' ? fields.value('path') : undefined;
  const usual = typeof path === 'string' ? `file:${path}` : type;
  return {
    name: fields.read(
      'name',
      'a text of at most 256 characters without quotes that does not begin with sightings:',
      usual,
      (value) => (typeof value === 'string' && sinkName.test(value) ? value : undefined),
    ),
    format: ownForms.has(type)
      ? 'native'
      : fields.read<SinkFormat>('format', `one of ${sinkFormats.join(', ')}`, 'native', (value) =>
          sinkFormats.find((format) => format === value),
        ),
    silenced: fields.read<SilencedChoice>(
      'silenced',
      `one of ${silencedChoices.join(', ')}`,
      skipTypes.has(type) ? 'skip' : 'send',
      (value) => silencedChoices.find((choice) => choice === value),
    ),
  };
}

/** Sinks of one name would share one place in the outbox; of one file, two spellings would write every alert twice. */
function repeated(sinks: readonly SinkSettings[]): readonly string[] {
  const keys = sinks.flatMap((sink, index) => [
    { index, what: 'name', key: sink.name.toLowerCase(), seen: sink.name },
    ...(sink.type === 'file' ? [{ index, what: 'path', key: resolve(sink.path), seen: sink.path }] : []),
  ]);
  return keys.flatMap(({ index, what, key, seen }) => {
    const earlier = keys.find((other) => other.what === what && other.key === key);
    if (earlier === undefined || earlier.index === index) return [];
    return [
      `Cannot use SINKS[${index}].${what} as it must be unique: ${JSON.stringify(seen)} is also SINKS[${earlier.index}]`,
    ];
  });
}

const sizes = size({ env: 'SINKS', group: '', description: '' });

function readSize(value: unknown): number | undefined {
  const bytes = typeof value === 'string' ? sizes.read(value) : undefined;
  return bytes === null || bytes === 0 ? undefined : bytes;
}
