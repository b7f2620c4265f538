import { latestEventPosition } from '@azure/event-hubs';
import type { RealTime } from '../../core/ports.ts';
import { patience, singleAttempt } from './client-settings.ts';
import { createClient, type EventHubStream } from './connection.ts';
import { settledWithin, withDeadline } from './deadline.ts';
import { isOwnershipLost } from './source-error.ts';

/**
 * Opens a reader on a partition for a moment, one attempt, and throws what kept it from opening: a refused key, a missing
 * consumer group. It carries no epoch, so it never takes the partition from a reader that works; being refused for that
 * one's sake shows that the door is open.
 */
export async function probeReader(
  stream: Pick<EventHubStream, 'name' | 'connection'>,
  consumerGroup: string,
  partition: string,
  time: RealTime,
): Promise<void> {
  const client = createClient(stream, consumerGroup, null, { retryOptions: singleAttempt() });
  const opened = new Promise<void>((resolve, reject) => {
    client.subscribe(
      partition,
      {
        processEvents: () => {
          resolve();
          return Promise.resolve();
        },
        processError: (error) => {
          if (isOwnershipLost(error)) resolve();
          else reject(error);
          return Promise.resolve();
        },
      },
      { startPosition: latestEventPosition, maxBatchSize: 1, maxWaitTimeInSeconds: 0.1, skipParsingBodyAsJson: true },
    );
  });
  try {
    await withDeadline(opened, patience.read, time, `open a reader on partition ${partition}`);
  } finally {
    void settledWithin(client.close(), patience.close, time);
  }
}
