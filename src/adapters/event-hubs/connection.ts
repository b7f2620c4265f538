import {
  EventHubConsumerClient,
  EventHubProducerClient,
  type CheckpointStore,
  type EventHubClientOptions,
  type EventHubConsumerClientOptions,
  type TokenCredential,
} from '@azure/event-hubs';

/** How a namespace is reached: by a shared key, or by its host name and an identity. */
export type EventHubConnection =
  { readonly connectionString: string } | { readonly namespace: string; readonly credential: TokenCredential };

/** A hub to read, with the options that named it, for messages that say what to mend. */
export interface EventHubStream {
  /** Name of the hub. */
  readonly name: string;
  readonly connection: EventHubConnection;
  /** Option that holds the hub's name, such as ACTIVITY_HUB. */
  readonly hubOption: string;
  /** Option that holds the connection, such as EVENTHUB_CONNECTION_STRING. */
  readonly connectionOption: string;
}

/** Host of the namespace in lower case, with its port where one is given; "" when the connection string has none. */
export function namespaceOf(connection: EventHubConnection): string {
  const text =
    'namespace' in connection
      ? connection.namespace
      : (/(?:^|;)\s*Endpoint\s*=\s*([^;]+)/i.exec(connection.connectionString)?.[1] ?? '');
  return text
    .trim()
    .replace(/^[a-z]+:\/\//i, '')
    .replace(/\/.*$/, '')
    .toLowerCase();
}

/**
 * The streams with each hub once: one that is named twice in one namespace is read once, and its messages name all the
 * options that named it. Hub names are compared without regard to case, as the service does.
 */
export function distinctStreams(streams: readonly EventHubStream[]): readonly EventHubStream[] {
  const byHub = new Map<string, EventHubStream>();
  for (const stream of streams) {
    const key = `${namespaceOf(stream.connection)}/${stream.name.toLowerCase()}`;
    const known = byHub.get(key);
    byHub.set(key, known === undefined ? stream : { ...known, hubOption: joined(known.hubOption, stream.hubOption) });
  }
  return [...byHub.values()];
}

function joined(names: string, name: string): string {
  return names.split(', ').includes(name) ? names : `${names}, ${name}`;
}

const entityPath = /(?:^|;)\s*EntityPath\s*=\s*([^;]*)/i;

/** Why a stream can never be read as it is configured, or null. */
export function streamProblem({ name, connection, hubOption, connectionOption }: EventHubStream): string | null {
  if ('namespace' in connection) {
    return namespaceOf(connection) === '' ? `Cannot reach Event Hubs as ${connectionOption} names no host` : null;
  }
  const named = entityPath.exec(connection.connectionString)?.[1]?.trim();
  if (named !== undefined && named.toLowerCase() !== name.toLowerCase()) {
    return `Cannot read hub ${name} of ${hubOption} with ${connectionOption} as its EntityPath names another hub: current value is ${named}`;
  }
  const missing = ['Endpoint', 'SharedAccessKeyName', 'SharedAccessKey'].filter(
    (part) => !new RegExp(`(^|;)\\s*${part}\\s*=\\s*[^;\\s]`, 'i').test(connection.connectionString),
  );
  // A shared access signature stands in for the key and its name.
  const signed = /(^|;)\s*SharedAccessSignature\s*=/i.test(connection.connectionString);
  if (missing.length === 0 || (signed && !missing.includes('Endpoint'))) return null;
  return `Cannot read hub ${name} as ${connectionOption} is not a connection string of Event Hubs: it lacks ${missing.join(' and ')}`;
}

/** A client for one hub; with a checkpoint store it shares the partitions with the other clients of its group. */
export function createClient(
  { name, connection }: Pick<EventHubStream, 'name' | 'connection'>,
  consumerGroup: string,
  store: CheckpointStore | null,
  options: EventHubConsumerClientOptions,
): EventHubConsumerClient {
  if ('namespace' in connection) {
    const host = namespaceOf(connection);
    return store === null
      ? new EventHubConsumerClient(consumerGroup, host, name, connection.credential, options)
      : new EventHubConsumerClient(consumerGroup, host, name, connection.credential, store, options);
  }
  // The client compares EntityPath with the hub's name by case; streamProblem() has compared them already.
  const connectionString = connection.connectionString.replace(entityPath, '');
  return store === null
    ? new EventHubConsumerClient(consumerGroup, connectionString, name, options)
    : new EventHubConsumerClient(consumerGroup, connectionString, name, store, options);
}

/** A client that sends to one hub. */
export function createProducer(
  { name, connection }: Pick<EventHubStream, 'name' | 'connection'>,
  options: EventHubClientOptions,
): EventHubProducerClient {
  if ('namespace' in connection) {
    return new EventHubProducerClient(namespaceOf(connection), name, connection.credential, options);
  }
  return new EventHubProducerClient(connection.connectionString.replace(entityPath, ''), name, options);
}
