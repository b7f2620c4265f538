import { quoted, unless, type JointRule } from './joint-rule.ts';
import type { Config } from './options.ts';

/** The source hubs with the namespaces that their options name, null for the one of all. */
function sourceHubs(config: Config): readonly (readonly [string | null, string | null])[] {
  const signIn = config.signInConnectionString ?? config.signInNamespace;
  const servicePrincipal = config.servicePrincipalConnectionString ?? config.servicePrincipalNamespace;
  return [
    [config.activityHub, config.activityConnectionString ?? config.activityNamespace],
    [config.signInHub, signIn],
    [config.nonInteractiveHub, signIn],
    [config.servicePrincipalHub, servicePrincipal],
    [config.managedIdentityHub, servicePrincipal],
  ];
}

function isSourceHub(config: Config): boolean {
  const { correlationHub, correlationConnectionString, correlationNamespace } = config;
  const namespace = correlationConnectionString ?? correlationNamespace;
  return sourceHubs(config).some(
    ([hub, own]) => hub !== null && hub.toLowerCase() === correlationHub?.toLowerCase() && own === namespace,
  );
}

/** What holds between the options of the sharded topology. */
export const scalingRules: readonly JointRule[] = [
  {
    names: ['role', 'correlationHub'],
    problems: ({ role, correlationHub }) =>
      unless(
        role === 'both' || correlationHub !== null,
        `Cannot use ROLE as it must be both while CORRELATION_HUB is not set: current value is ${role}`,
      ),
  },
  {
    names: ['correlationHub', 'state'],
    problems: ({ correlationHub, state }) =>
      unless(
        correlationHub === null || state.startsWith('blob:'),
        `Cannot use STATE as it must be blob:PREFIX with CORRELATION_HUB set, so that every replica reaches it: current value is ${quoted(state)}`,
      ),
  },
  {
    names: ['correlationHub', 'deadLetters'],
    problems: ({ correlationHub, deadLetters }) =>
      unless(
        correlationHub === null || deadLetters.startsWith('blob:'),
        `Cannot use DEAD_LETTERS as it must be blob:PREFIX with CORRELATION_HUB set, so that every replica reaches it: current value is ${quoted(deadLetters)}`,
      ),
  },
  {
    names: [
      'correlationHub',
      'correlationConnectionString',
      'correlationNamespace',
      'eventHubConnectionString',
      'eventHubNamespace',
    ],
    problems: (config) =>
      unless(
        config.correlationHub === null ||
          (config.correlationConnectionString ??
            config.correlationNamespace ??
            config.eventHubConnectionString ??
            config.eventHubNamespace) !== null,
        'Cannot reach CORRELATION_HUB as no namespace is set: set EVENTHUB_CONNECTION_STRING or EVENTHUB_NAMESPACE, or CORRELATION_CONNECTION_STRING or CORRELATION_NAMESPACE',
      ),
  },
  {
    names: [
      'correlationHub',
      'correlationConnectionString',
      'correlationNamespace',
      'activityHub',
      'activityConnectionString',
      'activityNamespace',
      'signInHub',
      'signInConnectionString',
      'signInNamespace',
      'servicePrincipalHub',
      'servicePrincipalConnectionString',
      'servicePrincipalNamespace',
      'nonInteractiveHub',
      'managedIdentityHub',
    ],
    problems: (config) =>
      unless(
        config.correlationHub === null || !isSourceHub(config),
        `Cannot use CORRELATION_HUB as it must be a hub of its own, and is one of the source hubs: current value is ${quoted(config.correlationHub ?? '')}`,
      ),
  },
];
