import type { Log, Origin, PartitionStatus, Position, RealTime, SourceError } from '../../core/ports.ts';
import { originKey } from '../../core/ports.ts';
import type { SharedSourceListener } from '../../core/shared-event-source.ts';
import { pace, sharing } from './client-settings.ts';
import { Partition } from './partition.ts';
import { PartitionClaim } from './partition-claim.ts';
import type { SessionListener } from './session-handlers.ts';
import type { SharedSession } from './shared-session.ts';

export interface SharedPartitionsOptions {
  /** A partition without a position is read from what was enqueued after this instant of the clock. */
  readonly afterMs: number;
  readonly leaseMs: number;
  readonly listener: SharedSourceListener;
  readonly time: RealTime;
  readonly log: Log;
  /** The checkpoint of a partition, null when there is none. */
  readonly checkpoint: (origin: Origin) => Promise<Position | null>;
  /** Looks at a partition before it is read; throws what the service answers. */
  readonly firstLook: (partition: Partition) => Promise<void>;
  readonly lookFailed: (error: unknown) => void;
  readonly session: () => SharedSession | null;
  readonly handlers: (session: SharedSession) => SessionListener;
}

/** The partitions of a hub that this process owns: asked for, read, and let go. */
export class SharedPartitions {
  /** Those that are read, by id. */
  readonly open = new Map<string, Partition>();
  readonly #options: SharedPartitionsOptions;
  readonly #claims = new Map<string, PartitionClaim>();

  constructor(options: SharedPartitionsOptions) {
    this.#options = options;
  }

  /** Lets go of what went from this process and, where it may, takes up what came to it. */
  follow(session: SharedSession, origins: readonly Origin[], mayClaim: boolean): void {
    for (const origin of origins) {
      const id = origin.partition;
      const owned = session.store.owns(id);
      const claim = this.#claims.get(id);
      const same = claim !== undefined && originKey(claim.origin) === originKey(origin);
      if (!owned || !same) claim?.lose();
      if (!owned || !mayClaim) continue;
      if (!same || claim.isLost) this.#claim(origin, claim?.done ?? Promise.resolve());
      else if (this.open.has(id) && !session.isReading(id)) this.#read(session, id);
    }
  }

  /** Behind which position each partition is read on. */
  positions(): ReadonlyMap<string, Position> {
    return new Map([...this.open].flatMap(([id, { handed }]) => (handed === null ? [] : [[id, handed]])));
  }

  /** Whether the listener has the partition. */
  isHeld(partition: string): boolean {
    return this.#claims.get(partition)?.isHeld === true;
  }

  /** Lets go of a partition that is held, or claimed, under this very origin; tells whether it was. */
  lose(origin: Origin): boolean {
    const claim = this.#claims.get(origin.partition);
    if (claim === undefined || claim.isLost || originKey(claim.origin) !== originKey(origin)) return false;
    claim.lose();
    return true;
  }

  /** Lets go of all; resolves when nothing of them runs any more. */
  async loseAll(): Promise<void> {
    const claims = [...this.#claims.values()];
    for (const claim of claims) claim.lose();
    await Promise.all(claims.map(({ done }) => done));
  }

  #claim(origin: Origin, after: Promise<void>): void {
    const { listener, time, log, leaseMs, checkpoint } = this.#options;
    const claim = new PartitionClaim({
      origin,
      listener,
      after,
      time,
      log,
      pauseMs: sharing(leaseMs).cycleMs,
      checkpoint: () => checkpoint(origin),
      open: (position, signal) => this.#open(origin, position, signal),
      end: () => this.#end(origin.partition),
    });
    this.#claims.set(origin.partition, claim);
  }

  /** Looks at the partition until that succeeds, and begins to read it. Never rejects. */
  async #open(origin: Origin, position: Position | null, signal: AbortSignal): Promise<void> {
    const { afterMs, time, firstLook, lookFailed, session } = this.#options;
    const partition = new Partition(origin, { afterMs }, position);
    while (!signal.aborted) {
      try {
        await firstLook(partition);
        break;
      } catch (error) {
        lookFailed(error);
        await time.delay(pace.hubRetry, signal);
      }
    }
    if (signal.aborted) return;
    this.open.set(origin.partition, partition);
    const current = session();
    if (current !== null) this.#read(current, origin.partition);
  }

  #read(session: SharedSession, id: string): void {
    session.read(id, { afterMs: this.#options.afterMs }, this.#options.handlers(session));
  }

  async #end(id: string): Promise<void> {
    const partition = this.open.get(id);
    this.open.delete(id);
    this.#options.session()?.endReading(id);
    // What waits behind a running handler is not handed over any more.
    partition?.failed();
    await partition?.line;
  }
}

/** What a partition shows that is not read: its owner alone. */
export function unread(origin: Origin, owner: string | null, error: SourceError | null): PartitionStatus {
  return new Partition(origin, 'oldest', null).status({ owner, owned: false, error });
}
