import { streamOfKind } from '../decode/observe.ts';
import type { Observation, Risk } from '../observation.ts';
import { ByteReader, DecodeError } from '../state/byte-reader.ts';
import { ByteWriter } from '../state/byte-writer.ts';
import { readObservation, writeObservation } from '../state/observation-codec.ts';
import type { RoutedObservation } from './routed-observation.ts';

/** A source partition as a router knows it. */
export interface RoutedPartition {
  readonly partition: string;
  /** Everything enqueued by then lies before this point of the correlation partition; null from a router that does not read it. */
  readonly watermarkMs: number | null;
  /** Since when its hub held records, when reading began there and that was less than the lookback; else null. */
  readonly seesSinceMs: number | null;
}

/** A source hub with all its partitions, whoever reads them. */
export interface RoutedHub {
  readonly namespace: string;
  readonly hub: string;
  /** created_at of the hub, milliseconds since 1970. */
  readonly incarnation: number;
  readonly partitions: readonly RoutedPartition[];
}

/** What an event says beside its observations, as of the moment behind them. */
export interface EventTrailer {
  /** Partitions of the correlation hub that the router routed over. */
  readonly partitions: number;
  readonly hubs: readonly RoutedHub[];
}

/** One event of the correlation hub: observations in the order of their origins, then the watermarks behind them. */
export interface CorrelationEvent extends EventTrailer {
  readonly observations: readonly RoutedObservation[];
}

/** An event that no router wrote: it can hold no observation. */
export class ForeignEventError extends Error {
  override readonly name = 'ForeignEventError';
}

/** "TWC" and the version: a reader of one version refuses the others, and says so. */
const form = [0x54, 0x57, 0x43] as const;
const version = 1;
const head = Uint8Array.of(...form, version);

/**
 * Writes one event: observations as they come, then its trailer. Texts that repeat within the event (callers,
 * operations, origins) cost a byte or two.
 */
export class EventWriter {
  readonly #writer = new ByteWriter();

  constructor() {
    this.#writer.raw(head);
  }

  /** Bytes so far, without the trailer. */
  get length(): number {
    return this.#writer.length;
  }

  add({ origin, mark, observation }: RoutedObservation): void {
    const writer = this.#writer;
    writer.boolean(true);
    writer.text(origin);
    writer.unsigned(mark.sequenceNumber);
    writer.unsigned(mark.index);
    writer.unsigned(mark.enqueuedMs);
    writeObservation(writer, observation);
  }

  /** Ends the event. */
  finish({ partitions, hubs }: EventTrailer): Uint8Array {
    const writer = this.#writer;
    writer.boolean(false);
    writer.unsigned(partitions);
    writer.unsigned(hubs.length);
    for (const { namespace, hub, incarnation, partitions: ids } of hubs) {
      for (const text of [namespace, hub]) writer.text(text);
      writer.unsigned(incarnation);
      writer.unsigned(ids.length);
      for (const { partition, watermarkMs, seesSinceMs } of ids) {
        writer.text(partition);
        writeTimeOrNone(writer, watermarkMs === null ? null : Math.floor(watermarkMs));
        writeTimeOrNone(writer, seesSinceMs === null ? null : Math.ceil(seesSinceMs));
      }
    }
    return writer.drain();
  }
}

/**
 * Reads what an EventWriter wrote. Throws ForeignEventError for what does not begin as an event does, and DecodeError for
 * one that is of another version or damaged.
 */
export function readCorrelationEvent(bytes: Uint8Array): CorrelationEvent {
  const reader = new ByteReader(bytes);
  requireHead(bytes);
  reader.skip(head.length);
  const observations: RoutedObservation[] = [];
  while (reader.boolean()) observations.push(readRouted(reader));
  const partitions = reader.unsigned();
  const hubs = Array.from({ length: reader.count() }, () => readHub(reader));
  if (!reader.isAtEnd) throw new DecodeError(`Cannot read an event as it goes on after byte ${reader.position}`);
  return { observations, partitions, hubs };
}

function writeTimeOrNone(writer: ByteWriter, ms: number | null): void {
  writer.unsigned(ms === null ? 0 : Math.max(0, ms) + 1);
}

function readTimeOrNone(reader: ByteReader): number | null {
  const coded = reader.unsigned();
  return coded === 0 ? null : coded - 1;
}

function requireHead(bytes: Uint8Array): void {
  if (head.every((byte, at) => bytes[at] === byte)) return;
  if (!form.every((byte, at) => bytes[at] === byte))
    throw new ForeignEventError('Cannot read an event of the correlation hub: it does not begin as one does');
  const found = bytes[form.length] ?? 'none';
  throw new DecodeError(`Cannot read an event of the correlation hub: its version must be ${version}, and is ${found}`);
}

function readRouted(reader: ByteReader): RoutedObservation {
  const origin = reader.text();
  const mark = { sequenceNumber: reader.unsigned(), index: reader.unsigned(), enqueuedMs: reader.unsigned() };
  const observation = readObservation(reader);
  requireReal(observation);
  return { origin, mark, observation };
}

const risks: Readonly<Record<Risk, true>> = {
  high: true,
  medium: true,
  low: true,
  none: true,
  hidden: true,
  unknown: true,
  '': true,
};

/** Refuses what no record tells: state has digests against damage, an event has none. */
function requireReal(observation: Observation): void {
  const { kind, address, time } = observation;
  if (!Object.hasOwn(streamOfKind, kind)) throw new DecodeError(`Cannot read an observation of kind ${kind}`);
  if (typeof address === 'number' && address > 0xffff_ffff)
    throw new DecodeError(`Cannot read an address as it must fit into 32 bits: current value is ${address}`);
  if (!Number.isSafeInteger(time.ms) || time.ticks > 9999)
    throw new DecodeError(`Cannot read a time: current value is ${time.ms} ms and ${time.ticks} ticks`);
  if (observation.kind !== 'activity' && !Object.hasOwn(risks, observation.risk))
    throw new DecodeError(`Cannot read a risk: current value is ${observation.risk}`);
}

function readHub(reader: ByteReader): RoutedHub {
  const namespace = reader.text();
  const hub = reader.text();
  const incarnation = reader.unsigned();
  const partitions = Array.from({ length: reader.count() }, () => {
    const partition = reader.text();
    return { partition, watermarkMs: readTimeOrNone(reader), seesSinceMs: readTimeOrNone(reader) };
  });
  return { namespace, hub, incarnation, partitions };
}
