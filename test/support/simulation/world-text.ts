import { originKey } from '../../../src/core/ports.ts';
import type { World } from './world.ts';

const utf8 = new TextDecoder();

function iso(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString() : 'ever';
}

/** A world in words, for whoever has to find out why a law does not hold in it. */
export function describeWorld({ startMs, endMs, options, logs, intelligence }: World): string {
  return [
    `from ${iso(startMs)} to ${iso(endMs)} under ${JSON.stringify(options)}`,
    ...logs.flatMap(({ origin, events }) =>
      events.map(({ sequenceNumber, enqueuedMs, body }) => {
        return `${originKey(origin)}/${sequenceNumber} at ${iso(enqueuedMs)} ${utf8.decode(body)}`;
      }),
    ),
    ...intelligence.flatMap(({ source, publications }) =>
      publications.map(({ object, fromMs, untilMs }) => {
        return `feed ${source.name} from ${iso(fromMs)} to ${iso(untilMs)} ${JSON.stringify(object)}`;
      }),
    ),
  ].join('\n');
}
