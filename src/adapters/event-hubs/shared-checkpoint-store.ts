import type { PartitionOwnership } from '@azure/event-hubs';
import { FencedCheckpointStore, type FencedStoreOptions } from './fenced-checkpoint-store.ts';
import { OwnershipAges } from './ownership-ages.ts';
import { storageAnswer } from './storage-deadline.ts';

export interface SharedStoreOptions extends Omit<FencedStoreOptions, 'exclusive' | 'isRunning'> {
  readonly expiryMs: number;
  /** Distance of two cycles of the load balancer, in true milliseconds. */
  readonly cycleMs: number;
  /** Who owns what was looked up, or has changed. */
  readonly onOwnership: () => void;
}

/** A record that the load balancer takes for fresh, whatever the clocks say. */
const fresh = Number.MAX_SAFE_INTEGER;

/**
 * Keeps ownership itself, apart from reading: the load balancer of the SDK decides which partitions are to be claimed and
 * gets none of them, so it opens no reader and renews nothing. What is owned is renewed here, with or without a reader,
 * since state must be restored before reading begins; and a record expires by the time this process saw it unchanged.
 */
export class SharedCheckpointStore extends FencedCheckpointStore {
  readonly #options: SharedStoreOptions;
  readonly #ages: OwnershipAges;
  readonly #heldOff = new Map<string, number>();
  /** Ends of what is under way: ownership is given away behind it. */
  #busy: Promise<unknown> = Promise.resolve();

  constructor(options: SharedStoreOptions) {
    super({ ...options, exclusive: null, isRunning: () => true });
    this.#options = options;
    this.#ages = new OwnershipAges(options.time, options.expiryMs / 2);
  }

  override async listOwnership(namespace: string, hub: string, group: string): Promise<PartitionOwnership[]> {
    if (this.retired) return this.look(namespace, hub, group);
    const listed = await this.#inTurn(() => this.#renewed(namespace, hub, group));
    this.#ages.saw(listed);
    this.#tell();
    return listed.map((ownership) => ({
      ...ownership,
      ...(this.#isExpired(ownership) && { ownerId: '' }),
      lastModifiedTimeInMs: fresh,
    }));
  }

  /** Claims, and answers the load balancer that another was first. */
  override async claimOwnership(claims: PartitionOwnership[]): Promise<PartitionOwnership[]> {
    await this.#inTurn(async () => {
      for (const claim of claims) {
        if (this.retired || this.#isHeldOff(claim.partitionId)) continue;
        const won = await this.take(claim);
        if (won.length > 0) this.#tell();
      }
    });
    return [];
  }

  /** Looks up who owns a partition now, as when its reader was ended from outside. */
  async ask(namespace: string, hub: string, group: string): Promise<void> {
    await this.#inTurn(() => this.look(namespace, hub, group));
    this.#tell();
  }

  /** Gives one partition away, and does not claim it for a while: meanwhile another process may. */
  async giveAway(partition: string, namespace: string, hub: string, group: string): Promise<void> {
    this.#heldOff.set(partition, this.#options.time.nowMs() + this.#options.expiryMs);
    await this.#inTurn(() => this.#free(namespace, hub, group, partition));
  }

  override async release(namespace: string, hub: string, group: string): Promise<void> {
    await this.#inTurn(() => this.#free(namespace, hub, group, null));
  }

  override owns(partition: string): boolean {
    return super.owns(partition) && !this.#isHeldOff(partition);
  }

  /** Lists ownership and renews ours; a renewal that was lost to another shows in a second look. */
  async #renewed(namespace: string, hub: string, group: string): Promise<PartitionOwnership[]> {
    const listed = await this.look(namespace, hub, group);
    const renewed = await Promise.all(listed.map((ownership) => this.#renew(ownership)));
    return renewed.includes(null) ? this.look(namespace, hub, group) : renewed.filter((each) => each !== null);
  }

  async #renew(ownership: PartitionOwnership): Promise<PartitionOwnership | null> {
    const { identifier } = this.#options;
    if (ownership.ownerId !== identifier || this.retired) return ownership;
    const ownerId = this.#isHeldOff(ownership.partitionId) ? '' : identifier;
    const [won] = await this.take({ ...ownership, ownerId });
    return won ?? null;
  }

  async #free(namespace: string, hub: string, group: string, partition: string | null): Promise<void> {
    const listed = await this.look(namespace, hub, group);
    const ours = listed.filter(({ ownerId, partitionId }) => {
      return ownerId === this.#options.identifier && (partition === null || partition === partitionId);
    });
    await Promise.all(ours.map((ownership) => this.take({ ...ownership, ownerId: '' })));
  }

  #tell(): void {
    if (!this.retired) this.#options.onOwnership();
  }

  #isExpired({ ownerId, partitionId }: PartitionOwnership): boolean {
    const { identifier, expiryMs } = this.#options;
    return ownerId !== identifier && this.#ages.of(partitionId) >= expiryMs;
  }

  #isHeldOff(partition: string): boolean {
    const until = this.#heldOff.get(partition);
    return until !== undefined && this.#options.time.nowMs() < until;
  }

  /** One after the other: two writes of ours would each make the other miss its etag. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const { time } = this.#options;
    const bounded = (): Promise<T> => storageAnswer(work(), time);
    const done = this.#busy.then(bounded, bounded);
    this.#busy = done;
    return done;
  }
}
