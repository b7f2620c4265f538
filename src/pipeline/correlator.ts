import { originKey, type Log, type Origin, type Position, type SourceEvent } from '../core/ports.ts';
import type { SharedSourceListener } from '../core/shared-event-source.ts';
import type { HeldShard } from './held-shard.ts';
import { addTotals, noTotals, type ShardTotals } from './shard-totals.ts';
import type { ShardPlace } from './shard.ts';

export interface CorrelatorOptions {
  /** A shard for a partition that was claimed. */
  readonly shardOf: (origin: Origin) => HeldShard;
  /** Where the shard of a partition keeps its state. */
  readonly placeOf: (origin: Origin) => ShardPlace;
  readonly log: Log;
  /** How long a shard that is let go may take to commit and deliver, in true milliseconds. */
  readonly letGoMs: number;
}

/** The correlator half of a replica: holds the shards of the correlation partitions that are its share. */
export class Correlator implements SharedSourceListener {
  readonly #options: CorrelatorOptions;
  readonly #held = new Map<string, HeldShard>();
  /** Shards that were let go and have not ended yet. */
  readonly #ending = new Map<string, Promise<void>>();
  /** Shards whose totals are not in `#past` yet. */
  readonly #counted = new Set<HeldShard>();
  #past = noTotals;
  #known: readonly Origin[] = [];

  constructor(options: CorrelatorOptions) {
    this.#options = options;
  }

  /** The shards that are held, in the order of their partitions. */
  get shards(): readonly HeldShard[] {
    return [...this.#held.values()].sort((a, b) => Number(a.origin.partition) - Number(b.origin.partition));
  }

  /** Every partition of the correlation hub. */
  get partitions(): readonly Origin[] {
    return this.#known;
  }

  /** What all shards have counted while they were held here. */
  get totals(): ShardTotals {
    return [...this.#counted].reduce((sum, { totals }) => addTotals(sum, totals), this.#past);
  }

  readonly onPartitions = (origins: readonly Origin[]): void => {
    this.#known = origins;
  };

  readonly onCaughtUp = (): void => undefined;

  readonly onClaimed = async (
    origin: Origin,
    _checkpoint: Position | null,
    signal: AbortSignal,
  ): Promise<Position | null> => {
    const { shardOf, placeOf, log } = this.#options;
    const key = originKey(origin);
    await this.#ending.get(key);
    const held = shardOf(origin);
    this.#held.set(key, held);
    this.#counted.add(held);
    try {
      const position = await held.begin(placeOf(origin), signal);
      log.info('Shard held', { partition: origin.partition, behind: position?.sequenceNumber ?? null });
      return position;
    } catch (error) {
      // onLost follows a claim only that was answered.
      await this.#letGo(key);
      throw error;
    }
  };

  readonly onLost = (origin: Origin): void => {
    this.#options.log.info('Shard let go', { partition: origin.partition });
    void this.#letGo(originKey(origin));
  };

  readonly onEvents = async (origin: Origin, events: readonly SourceEvent[]): Promise<void> => {
    await this.#held.get(originKey(origin))?.take(events);
  };

  /** Resolves when every shard that was let go has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#ending.values());
  }

  #letGo(key: string): Promise<void> {
    const held = this.#held.get(key);
    if (held === undefined) return this.#ending.get(key) ?? Promise.resolve();
    this.#held.delete(key);
    const ended = held
      .end(this.#options.letGoMs)
      .catch((cause: unknown) => this.#options.log.error('A shard ended with an error', { key, cause }))
      .finally(() => {
        this.#past = addTotals(this.#past, held.totals);
        this.#counted.delete(held);
        if (this.#ending.get(key) === ended) this.#ending.delete(key);
      });
    this.#ending.set(key, ended);
    return ended;
  }
}
