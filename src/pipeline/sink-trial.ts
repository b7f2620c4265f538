import type { Alert } from '../core/alert/alert.ts';
import type { AlertSink, SinkDocument } from '../core/ports.ts';

/** What became of a trial of one sink. */
export interface SinkTrial {
  readonly status: 'ok' | 'fail';
  readonly detail: string;
}

/** Gives alerts to a sink one by one, as a delivery does, without trying again. Never rejects. */
export async function trySink(sink: AlertSink, alerts: readonly Alert[], signal: AbortSignal): Promise<SinkTrial> {
  const documents = alerts.flatMap((alert): SinkDocument[] => {
    const text = sink.encode(alert);
    const { id, findingKey, activity, emittedAt } = alert;
    return text === null ? [] : [{ id, findingKey, activity, emittedAt, text }];
  });
  if (documents.length === 0) return { status: 'ok', detail: 'nothing was sent, as it wants nothing of a test alert' };
  try {
    for (const document of documents) await sink.deliver([document], signal);
  } catch (cause) {
    return { status: 'fail', detail: cause instanceof Error ? cause.message : String(cause) };
  } finally {
    await sink.close();
  }
  const what = documents.length === 1 ? 'the test alert' : 'the test alert and its close';
  return { status: 'ok', detail: `took ${what}` };
}
