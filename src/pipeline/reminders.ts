import type { OpenFinding } from '../core/alert/open-finding.ts';
import { formatMs } from '../core/time.ts';
import type { AlertSink, Clock, RealTime, Reminder, SinkDocument } from '../core/ports.ts';

/**
 * Tells a sink of the open findings at an interval. What is open is what the state holds, so a restart of ours forgets
 * none. The caller sees to it that no alert waits meanwhile: then everything said was committed and delivered.
 */
export class Reminders {
  readonly #sink: AlertSink;
  readonly #reminder: Reminder;
  readonly #openFindings: () => readonly OpenFinding[];
  readonly #time: { readonly clock: Clock; readonly realTime: RealTime };
  #nextMs: number;

  constructor(
    sink: AlertSink,
    reminder: Reminder,
    openFindings: () => readonly OpenFinding[],
    time: { readonly clock: Clock; readonly realTime: RealTime },
  ) {
    this.#sink = sink;
    this.#reminder = reminder;
    this.#openFindings = openFindings;
    this.#time = time;
    this.#nextMs = time.realTime.nowMs() + reminder.everyMs;
  }

  /** Tells of all open findings when that is due; whether it did. Rejects as the sink does, and is then due still. */
  async remind(signal: AbortSignal): Promise<boolean> {
    const { clock, realTime } = this.#time;
    if (realTime.nowMs() < this.#nextMs) return false;
    const documents = this.#openFindings().map((finding): SinkDocument => {
      const { findingKey } = finding;
      const nowMs = clock.now();
      const text = this.#reminder.encode(finding, nowMs);
      return { id: findingKey, findingKey, activity: 'update', emittedAt: formatMs(nowMs), text };
    });
    const { batchMax } = this.#sink.limits;
    for (let at = 0; at < documents.length && !signal.aborted; at += batchMax)
      await this.#sink.deliver(documents.slice(at, at + batchMax), signal);
    this.#nextMs = realTime.nowMs() + this.#reminder.everyMs;
    return documents.length > 0;
  }
}
