import rhea, { type Message } from 'rhea';
import type { Hub } from './hub.ts';
import { answer, text, type Reply } from './request.ts';
import { entityNotFound, partitionOutOfRange, serviceError } from './service-error.ts';

const { types } = rhea;
const STRING8 = 0xa1;

/** What management reads need. */
export interface ManagementView {
  hub(name: string): Hub | undefined;
  /** Whether the peer put a token that covers the hub's management. */
  isAuthorised(hub: string): boolean;
  now(): number;
}

/** Answers a READ of a hub (`com.microsoft:eventhub`) or of a partition (`com.microsoft:partition`). */
export function read(request: Message, view: ManagementView): Reply {
  const properties = request.application_properties ?? {};
  const name = text(properties['name']);
  const type = text(properties['type']);
  if (text(properties['operation']).toUpperCase() !== 'READ') {
    return answer(501, serviceError('amqp:not-implemented', 'The operation is not supported.', name, view.now()));
  }
  if (!view.isAuthorised(name)) {
    const problem = "Unauthorized access. 'Manage,EventHubRead' claim(s) are required to perform this operation.";
    return answer(401, serviceError('amqp:unauthorized-access', problem, name, view.now()));
  }
  const hub = view.hub(name);
  if (hub === undefined) return answer(404, entityNotFound(name, view.now()));
  if (type === 'com.microsoft:eventhub') return found(describeHub(hub, type));
  if (type !== 'com.microsoft:partition') {
    return answer(501, serviceError('amqp:not-implemented', `The type '${type}' is not supported.`, name, view.now()));
  }
  const partition = text(properties['partition']);
  const body = describePartition(hub, partition, type);
  return body === null ? answer(400, partitionOutOfRange(name, hub.partitions.length, view.now())) : found(body);
}

function found(body: unknown): Reply {
  return { status: 200, properties: { 'status-code': types.wrap_int(200), 'status-description': 'OK' }, body };
}

function describeHub(hub: Hub, type: string): unknown {
  const ids = hub.partitions.map(({ id }) => id);
  return types.wrap_map({
    name: hub.name,
    type,
    created_at: types.wrap_timestamp(hub.createdMs),
    partition_count: types.wrap_int(ids.length),
    partition_ids: types.wrap_array(ids, STRING8, undefined),
    georeplication_factor: types.wrap_int(1),
  });
}

function describePartition(hub: Hub, partition: string, type: string): unknown {
  const info = hub.partition(partition)?.info();
  if (info === undefined) return null;
  return types.wrap_map({
    name: hub.name,
    type,
    partition,
    begin_sequence_number: types.wrap_long(info.beginSequenceNumber),
    last_enqueued_sequence_number: types.wrap_long(info.lastSequenceNumber),
    last_enqueued_offset: types.wrap_string(String(info.lastOffset)),
    last_enqueued_time_utc: types.wrap_timestamp(info.lastEnqueuedMs),
    is_partition_empty: info.empty,
  });
}
