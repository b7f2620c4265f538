import type { Clock, RealTime, SourceError } from '../../core/ports.ts';
import { patience } from './client-settings.ts';
import { streamProblem, type EventHubStream } from './connection.ts';
import { ManagementReader, type HubRead } from './management-reader.ts';
import { probeReader } from './reader-probe.ts';
import { sourceError, type Attempt } from './source-error.ts';

export type ProbeResult =
  | { readonly ok: true; readonly partitions: readonly string[]; readonly createdMs: number }
  | { readonly ok: false; readonly error: SourceError };

/**
 * Tries a hub as the service will use it: its address, its credentials, its consumer group, within about ten seconds.
 * Never throws.
 */
export async function probeEventHub(
  stream: EventHubStream,
  consumerGroup: string,
  { clock, time }: { readonly clock: Clock; readonly time: RealTime },
): Promise<ProbeResult> {
  const problem = streamProblem(stream);
  if (problem !== null) return { ok: false, error: { code: 'unknown', message: problem, at: clock.now() } };
  const failed = (attempt: Attempt, error: unknown): ProbeResult => ({
    ok: false,
    error: sourceError(error, { attempt, stream, consumerGroup, partition: null }, clock.now()),
  });
  const management = new ManagementReader(stream, consumerGroup, time);
  let hub: HubRead;
  try {
    hub = await management.readHub();
  } catch (error) {
    return failed('read-hub', error);
  } finally {
    void management.close(patience.close);
  }
  try {
    await probeReader(stream, consumerGroup, hub.partitions[0] ?? '0', time);
  } catch (error) {
    return failed('open-reader', error);
  }
  return { ok: true, partitions: hub.partitions, createdMs: hub.createdMs };
}
