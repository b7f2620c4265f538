import type { Config } from './config.ts';
import { type Environment, readSecret } from './feed-secret.ts';
import type { JsonFields } from './json-fields.ts';
import { namespacesOf } from './joint-rules.ts';

export interface EventHubsSinkMembers {
  readonly type: 'event-hubs';
  readonly hub: string;
  /** With neither this nor a namespace, that of EVENTHUB_CONNECTION_STRING or EVENTHUB_NAMESPACE is used. */
  readonly connectionString: string | null;
  readonly namespace: string | null;
}

/** Reads the members of a sink of type event-hubs. */
export function readEventHubsSink(fields: JsonFields, environment: Environment): EventHubsSinkMembers {
  const connectionString = fields.has('connectionString')
    ? readSecret(fields, 'connectionString', environment, false)
    : null;
  const namespace = fields.has('namespace')
    ? fields.text('namespace', 'the host of a namespace such as name.servicebus.windows.net', (text) =>
        /^[^\s/;=]+$/.test(text),
      )
    : null;
  const hub = fields.text('hub', 'the name of a hub', (text) => /^[\w.-]{1,256}$/.test(text));
  if (connectionString !== null && namespace !== null) {
    fields.problem('namespace', 'must be absent where connectionString is set', namespace);
  }
  if (connectionString !== null && connectionString !== '') checkConnectionString(fields, connectionString, hub);
  return { type: 'event-hubs', hub, connectionString, namespace };
}

function checkConnectionString(fields: JsonFields, text: string, hub: string): void {
  const entity = partOf(text, 'EntityPath');
  if (hostOf(text) === '' || !/(^|;)\s*SharedAccess(Key|Signature)\s*=\s*[^;\s]/i.test(text)) {
    const wanted = 'must be a connection string of Event Hubs with Endpoint and SharedAccessKey';
    fields.secretProblem('connectionString', wanted, 'a text without one of them');
  } else if (entity !== '' && entity.toLowerCase() !== hub.toLowerCase()) {
    fields.problem('hub', 'must be the EntityPath of connectionString', hub);
  }
}

/** A sink of this type, with the name that every sink has. */
export type EventHubsSinkSettings = EventHubsSinkMembers & { readonly name: string };

/** What is wrong between the hubs that are read and those that alerts go to. */
export function eventHubsSinkProblems(sinks: readonly EventHubsSinkSettings[], config: Config): readonly string[] {
  const read = namespacesOf(config).flatMap(({ hubs, connectionString, namespace }) => {
    const own = connectionString ?? namespace ?? config.eventHubConnectionString ?? config.eventHubNamespace ?? '';
    return hubs.flatMap(([option, hub]) => (hub === null ? [] : [{ option, place: placeOf(own, hub) }]));
  });
  return sinks.flatMap((sink) => {
    const own =
      sink.connectionString ?? sink.namespace ?? config.eventHubConnectionString ?? config.eventHubNamespace ?? null;
    if (own === null) {
      return [
        `Cannot reach hub ${sink.hub} of sink ${sink.name} as it has neither connectionString nor namespace, and neither EVENTHUB_CONNECTION_STRING nor EVENTHUB_NAMESPACE is set: set one of them`,
      ];
    }
    const same = read.find(({ place }) => place === placeOf(own, sink.hub));
    if (same === undefined) return [];
    return [
      `Cannot use hub ${sink.hub} of sink ${sink.name} as it must be another hub than that of ${same.option}: alerts would be read as records`,
    ];
  });
}

/** Hub names are compared without regard to case, as the service does. */
function placeOf(connection: string, hub: string): string {
  const host = /(^|;)\s*Endpoint\s*=/i.test(connection) ? hostOf(connection) : connection.trim().toLowerCase();
  return `${host.replace(/^[a-z]+:\/\//, '').replace(/\/.*$/, '')}/${hub.toLowerCase()}`;
}

function hostOf(connectionString: string): string {
  return partOf(connectionString, 'Endpoint').toLowerCase();
}

function partOf(connectionString: string, name: string): string {
  return new RegExp(`(?:^|;)\\s*${name}\\s*=\\s*([^;]+)`, 'i').exec(connectionString)?.[1]?.trim() ?? '';
}
