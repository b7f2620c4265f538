import type { ObservationRules } from '../decode/observe.ts';
import type { TakenMessage } from '../engine.ts';
import { originKey, type Origin, type Position, type Positions } from '../ports.ts';
import { qualify, tallyUnwanted } from '../qualify.ts';
import type { Tally } from '../tally.ts';
import { Watermarks } from '../window/watermarks.ts';
import type { EventTrailer, RoutedHub } from './correlation-event.ts';
import { Lane, type LaneOptions } from './lane.ts';
import { shardOf } from './shard-of.ts';

export interface RouterOptions extends Pick<LaneOptions, 'eventBytes' | 'lingerMs' | 'heartbeatMs'> {
  /** Partitions of the correlation hub. */
  readonly partitions: number;
  readonly observation: ObservationRules;
  /** Bytes that may wait for their acknowledgement before reading waits. */
  readonly pendingBytesMax: number;
  /** How far one source partition may be read ahead of another that makes progress, milliseconds of enqueued time. */
  readonly aheadMaxMs: number;
  /** Time without progress after which a partition is no longer waited for, milliseconds. */
  readonly maxWaitMs: number;
}

/** An instant of the clock, and the same in true milliseconds, which waits are measured by. */
export interface RouteMoment {
  readonly now: number;
  readonly at: number;
}

/** A position that may become a checkpoint when everything up to its ticket is acknowledged. */
interface PendingPosition {
  readonly ticket: number;
  readonly position: Position;
}

/**
 * The router half of a replica: sends what the messages of its source partitions tell to the shards of their addresses.
 * Synchronous. A position is acknowledged only when each shard's partition holds every observation up to it.
 */
export class Router {
  readonly lanes: readonly Lane[];
  readonly watermarks = new Watermarks();
  readonly #options: RouterOptions;
  readonly #owned = new Map<string, Origin>();
  readonly #pending = new Map<string, PendingPosition[]>();
  readonly #seesSince = new Map<string, number>();
  #hubs: readonly Origin[] = [];
  #tickets = 0;
  #progress = 0;

  constructor(options: RouterOptions) {
    this.#options = options;
    const trailer = (): EventTrailer => this.#trailer();
    const progress = (): number => this.#progress;
    const length = options.partitions;
    this.lanes = Array.from({ length }, () => new Lane({ ...options, trailer, progress }));
  }

  /** Bytes that are not acknowledged. */
  get pendingBytes(): number {
    return this.lanes.reduce((sum, { pendingBytes }) => sum + pendingBytes, 0);
  }

  /** Ticket of the oldest observation that is not acknowledged; infinite when there is none. */
  get oldestTicket(): number {
    return Math.min(...this.lanes.map(({ oldestTicket }) => oldestTicket));
  }

  /** Names every partition of every source hub, whoever reads it. */
  expect(origins: readonly Origin[]): void {
    this.#hubs = origins;
    this.#progress += 1;
  }

  /** Reads a partition from now on; what was enqueued up to its checkpoint lies in the correlation hub. */
  own(origin: Origin, checkpoint: Position | null, now: number): void {
    this.#owned.set(originKey(origin), origin);
    this.#pending.set(originKey(origin), []);
    this.watermarks.expect([...this.#owned.keys()], now);
    if (checkpoint !== null) this.advanceWatermark(originKey(origin), checkpoint.enqueuedMs - 1, now);
  }

  /** Reads a partition no more. What of it waits is sent all the same: whoever reads it now sends it again. */
  disown(origin: Origin, now: number): void {
    this.#owned.delete(originKey(origin));
    this.#pending.delete(originKey(origin));
    this.watermarks.expect([...this.#owned.keys()], now);
  }

  /** Says since when the hub of a partition held records, where that was less than the lookback when reading began. */
  noteHistory(origin: Origin, seesSinceMs: number): void {
    const key = originKey(origin);
    if (this.#seesSince.get(key) === seesSinceMs) return;
    this.#seesSince.set(key, seesSinceMs);
    this.#progress += 1;
  }

  /** Whether a message may be taken now. */
  accepts(enqueuedMs: number, now: number): boolean {
    const { pendingBytesMax, aheadMaxMs, maxWaitMs } = this.#options;
    if (this.pendingBytes >= pendingBytesMax) return false;
    return !this.watermarks.lag(enqueuedMs - aheadMaxMs, now, maxWaitMs).waits;
  }

  /** Says that everything an origin enqueued by a time has been taken. */
  advanceWatermark(origin: string, ms: number, now: number): void {
    const before = this.watermarks.of(origin);
    this.watermarks.advance(origin, ms, now);
    if (this.watermarks.of(origin) !== before) this.#progress += 1;
  }

  /** Takes a message: what it tells goes to the lanes. What it does not tell is counted here. */
  take(message: TakenMessage, { now, at }: RouteMoment, tally: Tally): void {
    const { origin, sequenceNumber, offset, enqueuedMs, decoded } = message;
    const ticket = (this.#tickets += 1);
    let isSilent = true;
    for (const record of decoded.records) {
      const observation = qualify(record, enqueuedMs, this.#options.observation, tally);
      if (observation === null) continue;
      isSilent = false;
      const mark = { sequenceNumber, index: record.index, enqueuedMs };
      this.#laneOf(observation.address).append({ origin, mark, observation }, ticket, at);
    }
    tallyUnwanted(decoded, tally);
    this.#remember(origin, { sequenceNumber, offset, enqueuedMs }, ticket, isSilent);
    // The next message may have been enqueued in the same millisecond.
    this.advanceWatermark(origin, enqueuedMs - 1, now);
  }

  /** A message that tells nothing waits for what those before it told: of any number of them one position is kept. */
  #remember(origin: string, position: Position, ticket: number, isSilent: boolean): void {
    const pending = this.#pending.get(origin);
    const last = pending?.at(-1);
    if (isSilent && last !== undefined) pending?.splice(-1, 1, { ticket: last.ticket, position });
    else pending?.push({ ticket, position });
  }

  /** The newest position of each origin up to which everything is acknowledged; each is told once. */
  takeAcknowledged(): Positions {
    const oldest = this.oldestTicket;
    const positions = new Map<string, Position>();
    for (const [origin, pending] of this.#pending) {
      const waiting = pending.findIndex(({ ticket }) => ticket >= oldest);
      const acknowledged = pending.splice(0, waiting === -1 ? pending.length : waiting).at(-1);
      if (acknowledged !== undefined) positions.set(origin, acknowledged.position);
    }
    return positions;
  }

  #laneOf(address: Parameters<typeof shardOf>[0]): Lane {
    const place = shardOf(address, this.#options.partitions);
    const lane = this.lanes[place];
    if (lane === undefined) throw new RangeError(`Cannot route to shard ${place} as there are ${this.lanes.length}`);
    return lane;
  }

  #trailer(): EventTrailer {
    const hubs = Map.groupBy(this.#hubs, ({ namespace, hub, incarnation }) => `${namespace}/${hub}@${incarnation}`);
    return { partitions: this.#options.partitions, hubs: [...hubs.values()].map((origins) => this.#hub(origins)) };
  }

  #hub(origins: readonly Origin[]): RoutedHub {
    const [{ namespace, hub, incarnation } = { namespace: '', hub: '', incarnation: 0 }] = origins;
    const partitions = origins.map((origin) => ({
      partition: origin.partition,
      watermarkMs: this.watermarks.of(originKey(origin)),
      seesSinceMs: this.#seesSince.get(originKey(origin)) ?? null,
    }));
    return { namespace, hub, incarnation, partitions };
  }
}
