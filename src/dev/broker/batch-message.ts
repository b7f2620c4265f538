import {
  Encoder,
  EncodingError,
  FIXED_BYTES,
  MAP_HEAD_BYTES,
  mapEntries,
  skipValue,
  stringBytes,
  symbol,
  variableContent,
} from './encoding.ts';

/** Message format of a transfer that carries several events (Event Hubs' batch envelope). */
export const BATCH_FORMAT = 0x80013700;

const NOTHING = Buffer.alloc(0);
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

const OUR_KEYS_BYTES = SEQUENCE_NUMBER.length + OFFSET.length + ENQUEUED_TIME.length;

/** Stamps an event with its place. Throws EncodingError. */
export function stamp(event: Buffer, place: EventPlace, partitionKey: string | null): StampedEvent {
  const parts = sections(event);
  const header = parts.find((part) => part.code === HEADER);
  const annotations = parts.find((part) => part.code === MESSAGE_ANNOTATIONS);
  const rest = parts.find((part) => part.code >= PROPERTIES);
  const key = partitionKey ?? readPartitionKey(event, parts);
  const theirs = (annotations === undefined ? [] : mapEntries(event, annotations.valueAt))
    .filter((entry) => !OURS.has(entry.key))
    .flatMap(({ encodedKey, encodedValue }) => [encodedKey, encodedValue]);
  const head = header === undefined ? NOTHING : event.subarray(header.start, header.end);
  const tail = rest === undefined ? NOTHING : event.subarray(rest.start);
  const offset = String(place.offset);
  const keyBytes = key === null ? 0 : PARTITION_KEY_SYMBOL.length + stringBytes(key);
  const content = OUR_KEYS_BYTES + 2 * FIXED_BYTES + stringBytes(offset) + keyBytes + totalBytes(theirs);
  const encoder = new Encoder(head.length + MAP_HEAD_BYTES + content + tail.length);
  encoder.raw(head);
  encoder.mapHead(MESSAGE_ANNOTATIONS, content, theirs.length + (key === null ? 6 : 8));
  for (const part of theirs) encoder.raw(part);
  encoder.raw(SEQUENCE_NUMBER);
  encoder.long(place.sequenceNumber);
  encoder.raw(OFFSET);
  encoder.string(offset);
  encoder.raw(ENQUEUED_TIME);
  encoder.timestamp(place.enqueuedMs);
  if (key !== null) {
    encoder.raw(PARTITION_KEY_SYMBOL);
    encoder.string(key);
  }
  encoder.raw(tail);
  return { ...place, bytes: encoder.bytes, headerEnd: head.length };
}

function totalBytes(parts: readonly Buffer[]): number {
  let total = 0;
  for (const part of parts) total += part.length;
  return total;
}

/** What a consumer that asked for runtime metrics learns with every event. */
export interface RuntimeMetrics extends EventPlace {
  readonly retrievedMs: number;
}

const LAST_SEQUENCE_NUMBER = symbol('last_enqueued_sequence_number');
const LAST_OFFSET = symbol('last_enqueued_offset');
const LAST_TIME = symbol('last_enqueued_time_utc');
const RETRIEVED_TIME = symbol('runtime_info_retrieval_time_utc');
const METRICS_KEYS_BYTES = totalBytes([LAST_SEQUENCE_NUMBER, LAST_OFFSET, LAST_TIME, RETRIEVED_TIME]);

/** The delivery annotations that tell a partition's newest place. */
export function metricsSection(metrics: RuntimeMetrics): Buffer {
  const offset = String(metrics.offset);
  const content = METRICS_KEYS_BYTES + 3 * FIXED_BYTES + stringBytes(offset);
  const encoder = new Encoder(MAP_HEAD_BYTES + content);
  encoder.mapHead(DELIVERY_ANNOTATIONS, content, 8);
  encoder.raw(LAST_SEQUENCE_NUMBER);
  encoder.long(metrics.sequenceNumber);
  encoder.raw(LAST_OFFSET);
  encoder.string(offset);
  encoder.raw(LAST_TIME);
  encoder.timestamp(metrics.enqueuedMs);
  encoder.raw(RETRIEVED_TIME);
  encoder.timestamp(metrics.retrievedMs);
  return encoder.bytes;
}

/** The event's bytes with delivery annotations where they belong: after the header section. */
export function withDeliveryAnnotations(event: StampedEvent, section: Buffer): Buffer {
  return Buffer.concat([event.bytes.subarray(0, event.headerEnd), section, event.bytes.subarray(event.headerEnd)]);
}
