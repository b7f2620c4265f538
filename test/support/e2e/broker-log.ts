import { EventHubConsumerClient, type ReceivedEventData } from '@azure/event-hubs';
import { decodeMessage } from '../../../src/core/decode/message.ts';
import type { ReceivedRecord } from '../../../src/core/record.ts';
import { Listener, until } from '../event-hub-clients.ts';

/** The wanted records of an event as the service has to see them, with the enqueued time that the broker gave. */
function recordsOf(hub: string, partition: string, event: ReceivedEventData): ReceivedRecord[] {
  const { records } = decodeMessage(event.body as Uint8Array);
  const enqueuedMs = event.enqueuedTimeUtc.getTime();
  return records.map((record) => ({
    record,
    enqueuedMs,
    place: `${hub}/${partition}/${event.sequenceNumber}/${record.index}`,
  }));
}

/** Listens until the last event that the partition holds now has come. */
async function readPartition(client: EventHubConsumerClient, partition: string): Promise<ReceivedEventData[]> {
  const { lastEnqueuedSequenceNumber: last, isEmpty } = await client.getPartitionProperties(partition);
  if (isEmpty) return [];
  const listener = new Listener(client, partition);
  await until(() => listener.errors.length > 0 || (listener.events.at(-1)?.sequenceNumber ?? -1) >= last);
  const [error] = listener.errors;
  if (error !== undefined) throw new Error(`Cannot read partition ${partition} back`, { cause: error });
  return listener.events;
}

/** Every event of a hub, partition after partition. */
async function readHub<Read>(
  connectionString: string,
  hub: string,
  read: (partition: string, event: ReceivedEventData) => readonly Read[],
): Promise<Read[]> {
  const client = new EventHubConsumerClient('$Default', connectionString, hub);
  try {
    const partitions = await client.getPartitionIds();
    const events = partitions.map(async (partition) =>
      (await readPartition(client, partition)).flatMap((event) => read(partition, event)),
    );
    return (await Promise.all(events)).flat();
  } finally {
    await client.close();
  }
}

/** The bodies of all events of a hub as texts. */
export function textsOfHub(connectionString: string, hub: string): Promise<string[]> {
  return readHub(connectionString, hub, (_, { body }) => [Buffer.from(body as Uint8Array).toString()]);
}

/** Reads every record back that the broker holds, through the real client: the input of the reference evaluator. */
export async function readBack(connectionString: string, hubs: readonly string[]): Promise<ReceivedRecord[]> {
  const perHub = hubs.map((hub) =>
    readHub(connectionString, hub, (partition, event) => recordsOf(hub, partition, event)),
  );
  return (await Promise.all(perHub)).flat();
}
