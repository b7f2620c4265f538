import type { AlertSink } from '../ports.ts';
import type { Alert } from './alert.ts';

/** A sink as it is when it is told nothing of silenced alerts. */
export function skippingSilenced(sink: AlertSink): AlertSink {
  const { name, limits, reminder } = sink;
  return {
    name,
    limits,
    skipsSilenced: true,
    encode: (alert) => (alert.silenced === null ? sink.encode(alert) : null),
    ...(reminder === undefined ? {} : { reminder }),
    ...(sink.check === undefined ? {} : { check: sink.check.bind(sink) }),
    deliver: (documents, signal) => sink.deliver(documents, signal),
    close: () => sink.close(),
  };
}

/** Whether a sink is told nothing of an alert because it is silenced. */
export function isSkipped({ skipsSilenced }: AlertSink, { silenced }: Alert): boolean {
  return skipsSilenced === true && silenced !== null;
}
