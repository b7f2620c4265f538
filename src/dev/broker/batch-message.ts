import {
  EncodingError,
  long,
  mapEntries,
  mapSection,
  skipValue,
  string,
  symbol,
  timestamp,
  variableContent,
} from './encoding.ts';

/** Message format of a transfer that carries several events (Event Hubs' batch envelope). */
export const BATCH_FORMAT = 0x80013700;

const NULL = 0x40;
const HEADER = 0x70;
const DELIVERY_ANNOTATIONS = 0x71;
const MESSAGE_ANNOTATIONS = 0x72;
const PROPERTIES = 0x73;
const DATA = 0x75;
const FOOTER = 0x78;

const SEQUENCE_NUMBER = symbol('x-opt-sequence-number');
const OFFSET = symbol('x-opt-offset');
const ENQUEUED_TIME = symbol('x-opt-enqueued-time');
const PARTITION_KEY = 'x-opt-partition-key';
const PARTITION_KEY_SYMBOL = symbol(PARTITION_KEY);
const OURS = new Set(['x-opt-sequence-number', 'x-opt-offset', 'x-opt-enqueued-time', PARTITION_KEY]);

interface Section {
  readonly code: number;
  readonly start: number;
  readonly valueAt: number;
  readonly end: number;
}

/** Walks the sections of a bare message without decoding them. Throws EncodingError. */
function sections(bytes: Buffer): Section[] {
  const found: Section[] = [];
  let at = 0;
  while (at < bytes.length) {
    const descriptorEnd = bytes[at] === 0x00 ? skipValue(bytes, at + 1) : at;
    const code = bytes[descriptorEnd - 1];
    if (descriptorEnd === at || code === undefined || code < HEADER || code > FOOTER) {
      throw new EncodingError(`Cannot read section at byte ${at}: no message section starts there`);
    }
    const end = skipValue(bytes, descriptorEnd);
    found.push({ code, start: at, valueAt: descriptorEnd, end });
    at = end;
  }
  return found;
}

/** What a producer's transfer holds. */
export interface ProducedBatch {
  /** One encoded AMQP message per event. */
  readonly events: readonly Buffer[];
  readonly partitionKey: string | null;
}

/**
 * Opens a producer's transfer: with BATCH_FORMAT every data section of the envelope is one event, otherwise the whole
 * transfer is. Throws EncodingError.
 */
export function openBatch(bytes: Buffer, format: number): ProducedBatch {
  const parts = sections(bytes);
  const partitionKey = readPartitionKey(bytes, parts);
  if (format !== BATCH_FORMAT) return { events: [bytes], partitionKey };
  const events = parts
    .filter((part) => part.code === DATA)
    .map((part) => {
      const content = variableContent(bytes, part.valueAt);
      return bytes.subarray(content.start, content.end);
    });
  return { events, partitionKey };
}

function readPartitionKey(bytes: Buffer, parts: readonly Section[]): string | null {
  const annotations = parts.find((part) => part.code === MESSAGE_ANNOTATIONS);
  if (annotations === undefined) return null;
  const entry = mapEntries(bytes, annotations.valueAt).find(({ key }) => key === PARTITION_KEY);
  if (entry === undefined || entry.encodedValue[0] === NULL) return null;
  const content = variableContent(entry.encodedValue, 0);
  return entry.encodedValue.toString('utf8', content.start, content.end);
}

/** The place of an event in its partition. */
export interface EventPlace {
  readonly sequenceNumber: number;
  readonly offset: number;
  readonly enqueuedMs: number;
}

/** An event as it is delivered. */
export interface StampedEvent extends EventPlace {
  /** The producer's header section, message annotations with the place in them, then the producer's bytes untouched. */
  readonly bytes: Buffer;
  /** Where the header section ends: delivery annotations go there. */
  readonly headerEnd: number;
}

/** Stamps an event with its place. Throws EncodingError. */
export function stamp(event: Buffer, place: EventPlace, partitionKey: string | null): StampedEvent {
  const parts = sections(event);
  const header = parts.find((part) => part.code === HEADER);
  const annotations = parts.find((part) => part.code === MESSAGE_ANNOTATIONS);
  const rest = parts.find((part) => part.code >= PROPERTIES);
  const key = partitionKey ?? readPartitionKey(event, parts);
  const entries: Buffer[] = [];
  for (const entry of annotations === undefined ? [] : mapEntries(event, annotations.valueAt)) {
    if (OURS.has(entry.key)) continue;
    entries.push(entry.encodedKey, entry.encodedValue);
  }
  entries.push(SEQUENCE_NUMBER, long(place.sequenceNumber), OFFSET, string(String(place.offset)));
  entries.push(ENQUEUED_TIME, timestamp(place.enqueuedMs));
  if (key !== null) entries.push(PARTITION_KEY_SYMBOL, string(key));
  const head = header === undefined ? Buffer.alloc(0) : event.subarray(header.start, header.end);
  const tail = rest === undefined ? Buffer.alloc(0) : event.subarray(rest.start);
  const bytes = Buffer.concat([head, mapSection(MESSAGE_ANNOTATIONS, entries), tail]);
  return { ...place, bytes, headerEnd: head.length };
}

/** What a consumer that asked for runtime metrics learns with every event. */
export interface RuntimeMetrics extends EventPlace {
  readonly retrievedMs: number;
}

const LAST_SEQUENCE_NUMBER = symbol('last_enqueued_sequence_number');
const LAST_OFFSET = symbol('last_enqueued_offset');
const LAST_TIME = symbol('last_enqueued_time_utc');
const RETRIEVED_TIME = symbol('runtime_info_retrieval_time_utc');

/** The event's bytes with the partition's newest place as delivery annotations. */
export function withMetrics(event: StampedEvent, metrics: RuntimeMetrics): Buffer {
  const annotations = mapSection(DELIVERY_ANNOTATIONS, [
    LAST_SEQUENCE_NUMBER,
    long(metrics.sequenceNumber),
    LAST_OFFSET,
    string(String(metrics.offset)),
    LAST_TIME,
    timestamp(metrics.enqueuedMs),
    RETRIEVED_TIME,
    timestamp(metrics.retrievedMs),
  ]);
  return Buffer.concat([event.bytes.subarray(0, event.headerEnd), annotations, event.bytes.subarray(event.headerEnd)]);
}
