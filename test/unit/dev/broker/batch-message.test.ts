import fc from 'fast-check';
import rhea from 'rhea';
import { expect, test } from 'vitest';
import {
  BATCH_FORMAT,
  metricsSection,
  openBatch,
  stamp,
  withDeliveryAnnotations,
} from '../../../../src/dev/broker/batch-message.ts';
import { EncodingError } from '../../../../src/dev/broker/encoding.ts';

interface Decoded {
  readonly durable?: boolean;
  readonly message_id?: unknown;
  readonly message_annotations: Record<string, unknown>;
  readonly delivery_annotations: Record<string, unknown>;
  readonly application_properties: Record<string, unknown>;
  readonly body: { readonly content: Buffer };
}

const data = (content: Buffer): unknown => rhea.message.data_section(content) as unknown;
const decode = (bytes: Buffer): Decoded => rhea.message.decode(bytes) as unknown as Decoded;
const PLACE = { sequenceNumber: 5_000_000_000, offset: 12_345_678_901, enqueuedMs: 1_700_000_000_123 };

const content = fc.uint8Array({ maxLength: 700 }).map((bytes) => Buffer.from(bytes));
const word = fc.string({ minLength: 1, maxLength: 40 });

test('stamp() keeps everything the producer sent and adds the place', () => {
  fc.assert(
    fc.property(
      content,
      fc.dictionary(word, word),
      word,
      fc.option(word),
      fc.boolean(),
      (body, properties, own, key, durable) => {
        const message = rhea.message.encode({
          ...(durable ? { durable: true } : {}),
          message_id: own,
          message_annotations: { 'x-own': own },
          application_properties: properties,
          body: data(body),
        });
        const event = stamp(message, PLACE, key);
        const decoded = decode(event.bytes);
        expect(decoded.message_annotations).toEqual({
          'x-own': own,
          'x-opt-sequence-number': PLACE.sequenceNumber,
          'x-opt-offset': String(PLACE.offset),
          'x-opt-enqueued-time': new Date(PLACE.enqueuedMs),
          ...(key === null ? {} : { 'x-opt-partition-key': key }),
        });
        expect({ ...decoded.application_properties }).toEqual({ ...properties });
        expect(decoded.message_id).toBe(own);
        expect(decoded.durable ?? false).toBe(durable);
        expect(Buffer.compare(decoded.body.content, body)).toBe(0);
      },
    ),
  );
});

test('withDeliveryAnnotations() adds the newest place and changes nothing else', () => {
  const event = stamp(rhea.message.encode({ durable: true, body: data(Buffer.from('x')) }), PLACE, 'key');
  const metrics = { sequenceNumber: 9, offset: 77, enqueuedMs: 1000, retrievedMs: 2000 };
  const decoded = decode(withDeliveryAnnotations(event, metricsSection(metrics)));
  expect(decoded.delivery_annotations).toEqual({
    last_enqueued_sequence_number: 9,
    last_enqueued_offset: '77',
    last_enqueued_time_utc: new Date(1000),
    runtime_info_retrieval_time_utc: new Date(2000),
  });
  expect({ ...decoded, delivery_annotations: undefined }).toEqual({ ...decode(event.bytes) });
});

test('stamp() writes every whole number and every instant, before 1970 too', () => {
  const whole = fc.maxSafeInteger();
  fc.assert(
    fc.property(whole, fc.integer({ min: -62_135_596_800_000, max: 8.64e15 }), (sequenceNumber, enqueuedMs) => {
      const message = rhea.message.encode({ body: data(Buffer.from('x')) });
      const { bytes } = stamp(message, { sequenceNumber, offset: 0, enqueuedMs }, null);
      const annotations = decode(bytes).message_annotations;
      const number = annotations['x-opt-sequence-number'];
      // rhea leaves longs that it cannot hold as numbers as their 8 bytes.
      const read = Buffer.isBuffer(number) ? Number(number.readBigInt64BE()) : number;
      expect(read).toBe(sequenceNumber);
      expect(annotations['x-opt-enqueued-time']).toEqual(new Date(enqueuedMs));
    }),
  );
});

test('openBatch() finds every event of an envelope, in order, and its partition key', () => {
  fc.assert(
    fc.property(fc.array(content, { minLength: 1, maxLength: 20 }), fc.option(word), (bodies, key) => {
      const events = bodies.map((body) => rhea.message.encode({ body: data(body) }));
      const envelope = rhea.message.encode({
        ...(key === null ? {} : { message_annotations: { 'x-opt-partition-key': key } }),
        body: rhea.message.data_sections(events) as unknown,
      });
      const batch = openBatch(envelope, BATCH_FORMAT);
      expect(batch.partitionKey).toBe(key);
      expect(batch.events.map((event) => event.toString('hex'))).toEqual(events.map((event) => event.toString('hex')));
    }),
  );
});

test('openBatch() takes a transfer of the standard format as one event', () => {
  const message = rhea.message.encode({ body: data(Buffer.from('one')) });
  expect(openBatch(message, 0)).toEqual({ events: [message], partitionKey: null });
});

test('openBatch() and stamp() answer any bytes with a result or an EncodingError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      for (const act of [
        () => openBatch(Buffer.from(bytes), BATCH_FORMAT),
        () => stamp(Buffer.from(bytes), PLACE, null),
      ]) {
        try {
          act();
        } catch (error) {
          expect(error).toBeInstanceOf(EncodingError);
        }
      }
    }),
    { numRuns: 2000 },
  );
});
