import { readAllowLists } from './allow-lists.ts';
import { choice, document, duration, integer, size, text } from './option.ts';

/** What the service reads from and keeps its state in. */
export const connectionOptions = {
  eventHubConnectionString: text({
    env: 'EVENTHUB_CONNECTION_STRING',
    group: 'Event Hubs',
    description: 'Connection string of the Event Hubs namespace. This or EVENTHUB_NAMESPACE is required.',
    secret: true,
  }),
  eventHubNamespace: text({
    env: 'EVENTHUB_NAMESPACE',
    group: 'Event Hubs',
    description:
      'Host name of the namespace (name.servicebus.windows.net), reached with DefaultAzureCredential when no connection string is given.',
  }),
  activityConnectionString: text({
    env: 'ACTIVITY_CONNECTION_STRING',
    group: 'Event Hubs',
    description: 'Connection string of the namespace of the activity hub, where it differs.',
    secret: true,
  }),
  activityNamespace: text({
    env: 'ACTIVITY_NAMESPACE',
    group: 'Event Hubs',
    description: 'Namespace of the activity hub, where it differs.',
  }),
  signInConnectionString: text({
    env: 'SIGN_IN_CONNECTION_STRING',
    group: 'Event Hubs',
    description: 'Connection string of the namespace of the sign-in hubs (user, non-interactive), where it differs.',
    secret: true,
  }),
  signInNamespace: text({
    env: 'SIGN_IN_NAMESPACE',
    group: 'Event Hubs',
    description: 'Namespace of the sign-in hubs (user, non-interactive), where it differs.',
  }),
  servicePrincipalConnectionString: text({
    env: 'SERVICE_PRINCIPAL_CONNECTION_STRING',
    group: 'Event Hubs',
    description:
      'Connection string of the namespace of the service principal hubs (service principal, managed identity), where it differs.',
    secret: true,
  }),
  servicePrincipalNamespace: text({
    env: 'SERVICE_PRINCIPAL_NAMESPACE',
    group: 'Event Hubs',
    description: 'Namespace of the service principal hubs (service principal, managed identity), where it differs.',
  }),
  activityHub: text({
    env: 'ACTIVITY_HUB',
    group: 'Event Hubs',
    description: 'Hub that carries the Activity log. A hub named twice is consumed once.',
    fallback: 'insights-activity-logs',
  }),
  signInHub: text({
    env: 'SIGN_IN_HUB',
    group: 'Event Hubs',
    description: 'Hub that carries SignInLogs.',
    fallback: 'insights-logs-signinlogs',
  }),
  servicePrincipalHub: text({
    env: 'SERVICE_PRINCIPAL_HUB',
    group: 'Event Hubs',
    description: 'Hub that carries ServicePrincipalSignInLogs.',
    fallback: 'insights-logs-serviceprincipalsigninlogs',
  }),
  nonInteractiveHub: text({
    env: 'NON_INTERACTIVE_HUB',
    group: 'Event Hubs',
    description: 'Hub that carries NonInteractiveUserSignInLogs; setting it turns that corroboration stream on.',
  }),
  managedIdentityHub: text({
    env: 'MANAGED_IDENTITY_HUB',
    group: 'Event Hubs',
    description: 'Hub that carries ManagedIdentitySignInLogs; setting it turns that corroboration stream on.',
  }),
  correlationHub: text({
    env: 'CORRELATION_HUB',
    group: 'Scaling out',
    description:
      'Hub that carries observations between replicas; setting it turns the sharded topology on, with a shard for each of its partitions.',
  }),
  correlationConnectionString: text({
    env: 'CORRELATION_CONNECTION_STRING',
    group: 'Scaling out',
    description: 'Connection string of the namespace of CORRELATION_HUB, where it differs; it has to allow sending.',
    secret: true,
  }),
  correlationNamespace: text({
    env: 'CORRELATION_NAMESPACE',
    group: 'Scaling out',
    description: 'Namespace of CORRELATION_HUB, where it differs.',
  }),
  role: choice({
    env: 'ROLE',
    group: 'Scaling out',
    description:
      'What a replica does with CORRELATION_HUB set: route source records to shards, hold shards (correlator), or both.',
    fallback: 'both',
    values: ['both', 'router', 'correlator'],
  }),
  routedMaxBytes: size({
    env: 'ROUTED_MAX_BYTES',
    group: 'Scaling out',
    description: 'Bytes on their way to CORRELATION_HUB that are not acknowledged; reading waits beyond it.',
    fallback: '64MiB',
  }),
  consumerGroup: text({
    env: 'CONSUMER_GROUP',
    group: 'Event Hubs',
    description: 'Consumer group read on every hub. Not $Default: another reader may sit there.',
    fallback: 'tidewatch',
  }),
  storageConnectionString: text({
    env: 'STORAGE_CONNECTION_STRING',
    group: 'Storage',
    description: 'Connection string of the storage account. This or STORAGE_ACCOUNT_URL is required.',
    secret: true,
  }),
  storageAccountUrl: text({
    env: 'STORAGE_ACCOUNT_URL',
    group: 'Storage',
    description: 'Blob endpoint (https://name.blob.core.windows.net), reached with DefaultAzureCredential.',
  }),
  storageContainer: text({
    env: 'STORAGE_CONTAINER',
    group: 'Storage',
    description: 'Container for checkpoints, ownership and dead letters. Created if absent and allowed.',
    fallback: 'tidewatch',
  }),
  state: text({
    env: 'STATE',
    group: 'Storage',
    description: 'Where the state is kept: blob:PREFIX, the prefix empty or ending in /, or file:FOLDER.',
    fallback: 'blob:state/',
  }),
  deadLetters: text({
    env: 'DEAD_LETTERS',
    group: 'Storage',
    description: 'Where records that cannot be read are kept: blob:PREFIX or file:FOLDER; not in the folder of STATE.',
    fallback: 'blob:dead-letters/',
  }),
  deadLettersMaxBytes: size({
    env: 'DEAD_LETTERS_MAX_BYTES',
    group: 'Storage',
    description: 'Most bytes of dead letters kept; the oldest are dropped and counted.',
    fallback: '64MiB',
  }),
  feeds: text({
    env: 'TI_FEEDS',
    group: 'Threat intelligence',
    description: 'Feeds as a JSON list, or @FILE that holds one. Required.',
    secret: true,
  }),
  allowLists: document(
    {
      env: 'ALLOW_LISTS',
      group: 'Threat intelligence',
      description: 'Lists of known addresses: a match on one is lowered in severity, or dropped if told so.',
    },
    'a JSON list of allow lists, or @FILE',
    readAllowLists,
  ),
  refreshInterval: duration({
    env: 'TI_REFRESH_INTERVAL',
    group: 'Threat intelligence',
    description: 'How often each feed is polled and each allow list read.',
    fallback: '15m',
  }),
  startTimeout: duration({
    env: 'TI_START_TIMEOUT',
    group: 'Threat intelligence',
    description:
      'Ingest starts without a feed that has not loaded by then; /health/ready stays 503 while no indicator is held.',
    fallback: '60s',
  }),
  minConfidence: integer({
    env: 'MIN_CONFIDENCE',
    group: 'Threat intelligence',
    description: 'Least confidence of an indicator that matches.',
    fallback: '75',
    least: 0,
    most: 100,
  }),
  indicatorMaxAge: duration({
    env: 'INDICATOR_MAX_AGE',
    group: 'Threat intelligence',
    description: 'How long an indicator without valid_until is valid after the newest of modified and valid_from.',
    fallback: '365d',
  }),
  indicatorsMax: integer({
    env: 'INDICATORS_MAX',
    group: 'Threat intelligence',
    description:
      'Most indicators held over all feeds, about 0.4 kB of memory each with the index; a feed that would pass it is refused whole and health says so.',
    fallback: '1000000',
    least: 1,
    most: 16_000_000,
  }),
} as const;
