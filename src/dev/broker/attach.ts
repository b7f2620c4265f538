import type { Sender } from 'rhea';
import type { ClientConnection } from './client-connection.ts';
import { ConsumerLink } from './consumer-link.ts';
import type { EntityAddress } from './entity-address.ts';
import type { FaultState } from './fault-state.ts';
import type { Hub } from './hub.ts';
import type { PartitionLog } from './partition-log.ts';
import { entityNotFound, partitionOutOfRange, serviceError, type ServiceError } from './service-error.ts';
import { parseStartPosition, type StartPosition } from './start-position.ts';

/** What deciding about a link needs. */
export interface AttachRules {
  hub(name: string): Hub | undefined;
  readonly faults: FaultState;
  readonly now: () => number;
}

const FILTER = 'apache.org:selector-filter:string';

/** The hub a link names, if it exists and the connection has a token for the address. */
export function findHub(
  name: string,
  address: string,
  client: ClientConnection,
  rules: AttachRules,
): Hub | ServiceError {
  if (!client.isAuthorised(address)) {
    const text = "Unauthorized access. 'Send' or 'Listen' claim(s) are required to perform this operation.";
    return serviceError('amqp:unauthorized-access', `${text} Resource: '${address}'.`, address, rules.now());
  }
  return rules.hub(name) ?? entityNotFound(`${client.namespace}:eventhub:${name}`, rules.now());
}

export function findPartition(hub: Hub, id: string, rules: AttachRules): PartitionLog | ServiceError {
  return hub.partition(id) ?? partitionOutOfRange(hub.name, hub.partitions.length, rules.now());
}

/** Whether an answer is a refusal. */
export function isRefusal(value: object): value is ServiceError {
  return 'condition' in value;
}

/** Decides about a receiving link: the consumer it becomes, or why it is refused. */
export function attachConsumer(
  sender: Sender,
  address: Extract<EntityAddress, { kind: 'consumer' }>,
  client: ClientConnection,
  rules: AttachRules,
): ConsumerLink | ServiceError {
  const { now } = rules;
  const entity = `${address.hub}/ConsumerGroups/${address.group}/Partitions/${address.partition}`;
  const hub = findHub(address.hub, entity, client, rules);
  if (isRefusal(hub)) return hub;
  if (!hub.hasGroup(address.group)) {
    return entityNotFound(`${client.namespace}:eventhub:${hub.name}~0|${address.group}`, now());
  }
  const log = findPartition(hub, address.partition, rules);
  if (isRefusal(log)) return log;
  const position = startPositionOf(sender);
  if (position === null) {
    return serviceError('amqp:invalid-field', 'The filter of the source is not supported.', entity, now());
  }
  const from = log.locate(position);
  if (typeof from !== 'number') return serviceError('com.microsoft:argument-error', from.invalid, entity, now());
  const link = new ConsumerLink(
    sender,
    { hub, group: address.group, log, from, ...wishesOf(sender) },
    rules.faults,
    now,
  );
  const refusal = hub.readers(address.group, log.id).admit(link, entity, now());
  if (refusal === null) return link;
  link.close();
  return refusal;
}

/** A consumer without a filter starts at the oldest event. */
function startPositionOf(sender: Sender): StartPosition | null {
  const filters: unknown = (sender.source as { readonly filter?: unknown } | null)?.filter;
  if (typeof filters !== 'object' || filters === null) return { kind: 'earliest' };
  const filter = (filters as Record<string, unknown>)[FILTER];
  if (filter === undefined || filter === null) return { kind: 'earliest' };
  const expression = typeof filter === 'object' && 'value' in filter ? filter.value : filter;
  return typeof expression === 'string' ? parseStartPosition(expression) : null;
}

function wishesOf(sender: Sender): { name: string; epoch: number | null; wantsMetrics: boolean } {
  const properties = (sender.properties as Record<string, unknown> | undefined) ?? {};
  const name = properties['com.microsoft:receiver-name'];
  const epoch = properties['com.microsoft:epoch'];
  const wanted = sender.desired_capabilities as string | string[] | undefined;
  return {
    name: typeof name === 'string' ? name : sender.name,
    epoch: typeof epoch === 'number' ? epoch : null,
    wantsMetrics: (Array.isArray(wanted) ? wanted : [wanted]).includes('com.microsoft:enable-receiver-runtime-metric'),
  };
}
