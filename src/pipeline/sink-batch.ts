import type { Alert } from '../core/alert/alert.ts';
import type { AlertSink, SinkDocument } from '../core/ports.ts';

/** The next alerts for a sink, as far as one delivery takes them. */
export interface SinkBatch {
  /** How many of the waiting alerts it covers, those of which the sink wants nothing among them. */
  readonly covered: number;
  readonly documents: readonly SinkDocument[];
  /** Whether the first alert is longer than the sink ever takes; it is then covered alone, without a document. */
  readonly isTooLarge: boolean;
}

const encoder = new TextEncoder();

/** Bytes of a text in UTF-8. */
function utf8Length(text: string): number {
  return encoder.encode(text).length;
}

/** Cuts the next batch from alerts that wait, in their order; at most `most` documents. */
export function nextBatch(
  sink: Pick<AlertSink, 'encode' | 'limits'>,
  alerts: readonly Alert[],
  most: number,
): SinkBatch {
  const { batchMax, batchBytesMax, documentBytesMax } = sink.limits;
  const documents: SinkDocument[] = [];
  let bytes = 0;
  let covered = 0;
  for (const alert of alerts) {
    const text = sink.encode(alert);
    if (text === null) {
      covered += 1;
      continue;
    }
    const length = utf8Length(text);
    if (length > documentBytesMax) {
      if (covered === 0) return { covered: 1, documents: [], isTooLarge: true };
      break;
    }
    if (documents.length >= Math.min(batchMax, most) || (documents.length > 0 && bytes + length > batchBytesMax)) break;
    const { id, findingKey, activity, emittedAt } = alert;
    documents.push({ id, findingKey, activity, emittedAt, text });
    bytes += length;
    covered += 1;
  }
  return { covered, documents, isTooLarge: false };
}
