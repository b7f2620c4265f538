import { parseCidr } from '../core/address-range.ts';
import { quoted, unless, type JointRule } from './joint-rule.ts';
import { options, type Config } from './options.ts';
import { scalingRules } from './scaling-rules.ts';
import { storageRules } from './storage-rules.ts';

type Name = keyof Config;

const dayMs = 86_400_000;

const timeRules: readonly JointRule[] = [
  {
    names: ['flushInterval'],
    problems: ({ flushInterval }) =>
      unless(
        flushInterval >= 60_000 && dayMs % flushInterval === 0,
        `Cannot use FLUSH_INTERVAL as it must divide a day and be at least 1m: current value is ${flushInterval} ms`,
      ),
  },
  {
    names: ['lookback', 'flushInterval'],
    problems: ({ lookback, flushInterval }) =>
      unless(
        lookback > 0 && lookback % flushInterval === 0,
        `Cannot use LOOKBACK as it must be a multiple of FLUSH_INTERVAL: current values are ${lookback} ms and ${flushInterval} ms`,
      ),
  },
  {
    names: ['flushDelay', 'flushInterval'],
    problems: ({ flushDelay, flushInterval }) =>
      unless(
        flushDelay < flushInterval,
        `Cannot use FLUSH_DELAY as it must be less than FLUSH_INTERVAL: current values are ${flushDelay} ms and ${flushInterval} ms`,
      ),
  },
  ...(
    [
      ['refreshInterval', 1000],
      ['indicatorMaxAge', 1000],
    ] as const
  ).map(([name, least]) => ({
    names: [name],
    problems: (config: Config) =>
      unless(
        config[name] >= least,
        `Cannot use ${options[name].env} as it must be at least ${least / 1000}s: current value is ${config[name]} ms`,
      ),
  })),
];

const listRules: readonly JointRule[] = [
  {
    names: ['excludedRanges'],
    problems: ({ excludedRanges }) => [
      ...unless(
        excludedRanges.length > 0,
        'Cannot use EXCLUDED_RANGES as it is empty: name at least one range, such as 127.0.0.0/8',
      ),
      ...excludedRanges
        .filter((range) => parseCidr(range) === null)
        .map((range) => `Cannot use EXCLUDED_RANGES as ${quoted(range)} is no CIDR range such as 10.0.0.0/8`),
    ],
  },
  {
    names: ['activityStatuses'],
    problems: ({ activityStatuses }) =>
      unless(
        activityStatuses.length > 0,
        'Cannot use ACTIVITY_STATUSES as it is empty: name at least one, such as Success',
      ),
  },
];

/** Hubs that are read, and how their namespace is named. */
export interface Namespace {
  readonly hubs: readonly (readonly [string, string | null])[];
  readonly connectionString: string | null;
  readonly namespace: string | null;
  readonly prefix: string;
}

/** The hubs in use by the options that may name a namespace of their own. */
export function namespacesOf(config: Config): readonly Namespace[] {
  return [
    {
      hubs: [['ACTIVITY_HUB', config.activityHub]],
      connectionString: config.activityConnectionString,
      namespace: config.activityNamespace,
      prefix: 'ACTIVITY',
    },
    {
      hubs: [
        ['SIGN_IN_HUB', config.signInHub],
        ['NON_INTERACTIVE_HUB', config.nonInteractiveHub],
      ],
      connectionString: config.signInConnectionString,
      namespace: config.signInNamespace,
      prefix: 'SIGN_IN',
    },
    {
      hubs: [
        ['SERVICE_PRINCIPAL_HUB', config.servicePrincipalHub],
        ['MANAGED_IDENTITY_HUB', config.managedIdentityHub],
      ],
      connectionString: config.servicePrincipalConnectionString,
      namespace: config.servicePrincipalNamespace,
      prefix: 'SERVICE_PRINCIPAL',
    },
  ];
}

/** A stream without a namespace of its own needs the one of all. */
function eventHubProblems(config: Config): readonly string[] {
  if (config.eventHubConnectionString !== null || config.eventHubNamespace !== null) return [];
  const namespaces = namespacesOf(config);
  const bare = namespaces.filter((each) => each.connectionString === null && each.namespace === null);
  if (bare.length === 0) return [];
  const mend = 'neither EVENTHUB_CONNECTION_STRING nor EVENTHUB_NAMESPACE is set: set one of them';
  if (bare.length === namespaces.length) return [`Cannot reach Event Hubs as ${mend}`];
  return bare.map(({ hubs, prefix }) => {
    const named = hubs.filter(([, hub]) => hub !== null).map(([option, hub]) => `${hub ?? ''} of ${option}`);
    return `Cannot reach hub ${named.join(', ')} as ${mend}, or ${prefix}_CONNECTION_STRING or ${prefix}_NAMESPACE`;
  });
}

/**
 * Whether every stream is read from a development endpoint. UseDevelopmentEmulator is what the official client itself
 * takes as leave to speak plain TCP to a broker on this machine.
 */
function isDevelopment(config: Config): boolean {
  return namespacesOf(config).every(({ connectionString, namespace }) => {
    const own = connectionString ?? namespace;
    const read = own === null ? config.eventHubConnectionString : connectionString;
    return read !== null && /(^|;)\s*UseDevelopmentEmulator=true\s*(;|$)/i.test(read);
  });
}

const connectionNames = [
  'eventHubConnectionString',
  'eventHubNamespace',
  'activityConnectionString',
  'activityNamespace',
  'signInConnectionString',
  'signInNamespace',
  'servicePrincipalConnectionString',
  'servicePrincipalNamespace',
] as const satisfies readonly Name[];

const connectionRules: readonly JointRule[] = [
  { names: connectionNames, problems: eventHubProblems },
  ...storageRules,
  ...scalingRules,
  {
    names: ['feeds'],
    problems: ({ feeds }) =>
      unless(feeds !== null, 'Cannot match anything as TI_FEEDS is not set: set it to a JSON list of feeds or @FILE'),
  },
  {
    names: ['httpPort', 'opsPort'],
    problems: ({ httpPort, opsPort }) =>
      unless(
        opsPort === null || opsPort === 0 || opsPort !== httpPort,
        `Cannot use OPS_PORT as it must be another port than HTTP_PORT: current value of both is ${httpPort}`,
      ),
  },
  {
    names: ['speed', 'speedOrigin', ...connectionNames],
    problems: (config) => {
      const set = [...(config.speed === 1 ? [] : ['SPEED']), ...(config.speedOrigin === null ? [] : ['SPEED_ORIGIN'])];
      return unless(
        set.length === 0 || isDevelopment(config),
        `Cannot use ${set.join(' and ')} as Event Hubs is not a development endpoint: remove ${set.join(' and ')}, or add UseDevelopmentEmulator=true to the connection string of a local broker`,
      );
    },
  },
  {
    names: ['speedOrigin'],
    problems: ({ speedOrigin }) =>
      unless(
        speedOrigin === null || isInstant(speedOrigin),
        `Cannot use SPEED_ORIGIN as it is no instant such as 2026-03-01T12:00:00Z: current value is ${quoted(speedOrigin ?? '')}`,
      ),
  },
];

function isInstant(text: string): boolean {
  return (
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))
  );
}

const rules: readonly JointRule[] = [...connectionRules, ...timeRules, ...listRules];

/**
 * What is wrong between options that each could be read. A rule over one that could not be read is left out, so that
 * no problem is reported twice.
 */
export function jointProblems(config: Partial<Config>, readable: ReadonlySet<Name>): readonly string[] {
  const applied = rules.filter(({ names }) => names.every((name) => readable.has(name)));
  return applied.flatMap(({ problems }) => problems(config as Config));
}
