import type { Checkpoint, PartitionOwnership } from '@azure/event-hubs';
import { BlobCheckpointStore } from '@azure/eventhubs-checkpointstore-blob';
import type { BlobGetPropertiesResponse, ContainerClient } from '@azure/storage-blob';
import type { Position, RealTime } from '../../core/ports.ts';
import { blobFolder, integerOf } from './checkpoint-blob.ts';
import type { ExclusiveClaims } from './exclusive-claims.ts';

export interface FencedStoreOptions {
  readonly container: ContainerClient;
  /** Owner name of this process in ownership blobs. */
  readonly identifier: string;
  /** Whether this client has a reader on the partition. */
  readonly isRunning: (partition: string) => boolean;
  /** Says which partitions a process may take that is to have them all; null when partitions are shared. */
  readonly exclusive: ExclusiveClaims | null;
  /** Where each partition goes on, as this process knows it; never read from blobs. */
  readonly positions: () => ReadonlyMap<string, Position>;
  readonly time: RealTime;
}

interface WrittenCheckpoint {
  readonly etag: string | undefined;
  readonly sequenceNumber: number;
  /** Null when the writer named none. */
  readonly incarnation: number | null;
}

/**
 * BlobCheckpointStore with what it lacks, under the same blob names, so that lag tools go on reading it:
 * - the first claim of a partition is atomic, where the base lets two processes both win (azure-sdk-for-python#38812);
 * - a checkpoint is written only by the owner, only forwards, by compare-and-set, where the base lets the last writer win;
 * - readers resume from the positions of this process, so a checkpoint can never lie ahead of what was really taken;
 * - a partition of ours without a reader is reported as free, where the load balancer would wait for it to expire;
 * - a process that is to have every partition sees those of others as free, so that it need not wait until the ownership
 *   of one that crashed expires. A process that took a partition of ours is newer than we are: its ownership counts.
 */
export class FencedCheckpointStore extends BlobCheckpointStore {
  readonly #options: FencedStoreOptions;
  readonly #owners = new Map<string, string>();
  readonly #written = new Map<string, WrittenCheckpoint>();
  #listedAt: number;
  #cycleDoneAt = Number.NEGATIVE_INFINITY;
  #retired = false;

  constructor(options: FencedStoreOptions) {
    super(options.container);
    this.#options = options;
    this.#listedAt = options.time.nowMs();
  }

  /** Whether this process owned the partition when ownership was last seen. */
  owns(partition: string): boolean {
    return this.#owners.get(partition) === this.#options.identifier;
  }

  /** Who owned the partition when ownership was last seen, null for nobody. */
  ownerOf(partition: string): string | null {
    const owner = this.#owners.get(partition) ?? '';
    return owner === '' ? null : owner;
  }

  /** True milliseconds at which the load balancer last asked for ownership, or this store was made. */
  listedAt(): number {
    return this.#listedAt;
  }

  /** True milliseconds at which the last whole cycle of the load balancer, claims included, had begun. */
  cycleDoneAt(): number {
    return this.#cycleDoneAt;
  }

  /** Claims nothing from here on: the client that uses this store is being closed. */
  retire(): void {
    this.#retired = true;
  }

  override async listOwnership(namespace: string, hub: string, group: string): Promise<PartitionOwnership[]> {
    const listed = await this.look(namespace, hub, group);
    return listed.map((ownership) => (this.#isFree(ownership) ? { ...ownership, ownerId: '' } : ownership));
  }

  /** Whether the client that uses this store is being closed. */
  protected get retired(): boolean {
    return this.#retired;
  }

  /** Lists ownership as it is, and notes it. */
  protected async look(namespace: string, hub: string, group: string): Promise<PartitionOwnership[]> {
    this.#cycleDoneAt = this.#listedAt;
    this.#listedAt = this.#options.time.nowMs();
    const listed = await this.#listed(namespace, hub, group);
    for (const ownership of listed) this.saw(ownership);
    return listed;
  }

  /** Notes who owns a partition. */
  protected saw(ownership: PartitionOwnership): void {
    this.#owners.set(ownership.partitionId, ownership.ownerId);
    this.#options.exclusive?.saw(ownership);
  }

  #isFree({ ownerId, partitionId }: PartitionOwnership): boolean {
    const { identifier, isRunning, exclusive } = this.#options;
    return ownerId === identifier ? !isRunning(partitionId) : (exclusive?.mayClaim(partitionId) ?? false);
  }

  override async claimOwnership(claims: PartitionOwnership[]): Promise<PartitionOwnership[]> {
    const claimed: PartitionOwnership[] = [];
    for (const claim of this.#retired ? [] : claims) {
      if (this.#options.exclusive?.mayClaim(claim.partitionId) === false) continue;
      claimed.push(...(await this.take(claim)));
    }
    return claimed;
  }

  /** Writes an ownership record if it is still what the claim knows of it; empty when another was first. */
  protected async take(claim: PartitionOwnership): Promise<PartitionOwnership[]> {
    const won = await (claim.etag === undefined ? this.#firstClaim(claim) : super.claimOwnership([claim]));
    for (const ownership of won) this.saw(ownership);
    return won;
  }

  override listCheckpoints(namespace: string, hub: string, group: string): Promise<Checkpoint[]> {
    const checkpoints = [...this.#options.positions()].map(([partitionId, { offset, sequenceNumber }]) => ({
      fullyQualifiedNamespace: namespace,
      eventHubName: hub,
      consumerGroup: group,
      partitionId,
      offset,
      sequenceNumber,
    }));
    return Promise.resolve(checkpoints);
  }

  /** Refuses what the client itself might write: only positions that the state holds durably are checkpoints. */
  override updateCheckpoint({ partitionId }: Checkpoint): Promise<void> {
    return Promise.reject(new Error(`Cannot write a checkpoint of partition ${partitionId} past the state`));
  }

  /**
   * Writes a checkpoint, unless another process owns the partition or the blob is as far already. Numbers are compared
   * within one incarnation of the hub: those of another say nothing.
   */
  async writeCheckpoint(checkpoint: Checkpoint & Pick<Position, 'enqueuedMs'>, incarnation: number): Promise<void> {
    const name = blobFolder('checkpoint', checkpoint) + checkpoint.partitionId;
    for (let attempt = 1; attempt <= 3; attempt++) {
      const current = this.#written.get(name) ?? (await this.#readCheckpoint(name));
      if (current !== null && isAsFar(current, checkpoint.sequenceNumber, incarnation)) return;
      // Asked behind the read of the checkpoint: a new owner that has written since makes the write below miss its etag.
      if (!(await this.#isOurs(checkpoint))) return;
      const etag = await this.#replaceCheckpoint(name, checkpoint, incarnation, current);
      if (etag !== null) {
        this.#written.set(name, { etag, sequenceNumber: checkpoint.sequenceNumber, incarnation });
        return;
      }
      this.#written.delete(name);
    }
    throw new Error(`Cannot write checkpoint ${name} as another process writes it too`);
  }

  /** Gives every partition of ours away at once, so that others need not wait until ownership expires. */
  async release(namespace: string, hub: string, group: string): Promise<void> {
    const listed = await super.listOwnership(namespace, hub, group);
    const ours = listed.filter(({ ownerId }) => ownerId === this.#options.identifier);
    await super.claimOwnership(ours.map((ownership) => ({ ...ownership, ownerId: '' })));
  }

  async #listed(namespace: string, hub: string, group: string): Promise<PartitionOwnership[]> {
    try {
      return await super.listOwnership(namespace, hub, group);
    } catch (error) {
      // The base keeps only the text of what the storage said: asked again, the container says it with its status.
      await this.#options.container.getProperties();
      throw error;
    }
  }

  async #firstClaim(claim: PartitionOwnership): Promise<PartitionOwnership[]> {
    try {
      const { etag, lastModified } = await this.#options.container
        .getBlockBlobClient(blobFolder('ownership', claim) + claim.partitionId)
        .upload('', 0, { metadata: { ownerid: claim.ownerId }, conditions: { ifNoneMatch: '*' } });
      return [
        { ...claim, ...(etag && { etag }), ...(lastModified && { lastModifiedTimeInMs: lastModified.getTime() }) },
      ];
    } catch (error) {
      if (isLostRace(error)) return [];
      throw error;
    }
  }

  /** Whether no other process owns the partition: nobody does when it was released by stopping. */
  async #isOurs(checkpoint: Checkpoint): Promise<boolean> {
    const { identifier } = this.#options;
    const known = this.ownerOf(checkpoint.partitionId);
    if (known !== null && known !== identifier) return false;
    const metadata = await this.#readMetadata(blobFolder('ownership', checkpoint) + checkpoint.partitionId);
    const owner = metadata === null ? null : (metadata.metadata?.['ownerid'] ?? '');
    return owner === identifier || owner === '';
  }

  async #readCheckpoint(name: string): Promise<WrittenCheckpoint | null> {
    const read = await this.#readMetadata(name);
    if (read === null) return null;
    const sequenceNumber = integerOf(read.metadata?.['sequencenumber']) ?? -1;
    return { etag: read.etag, sequenceNumber, incarnation: integerOf(read.metadata?.['incarnation']) };
  }

  async #readMetadata(name: string): Promise<Pick<BlobGetPropertiesResponse, 'etag' | 'metadata'> | null> {
    try {
      return await this.#options.container.getBlockBlobClient(name).getProperties();
    } catch (error) {
      if (statusOf(error) === 404) return null;
      throw error;
    }
  }

  /** The new etag, or null when another writer came between. */
  async #replaceCheckpoint(
    name: string,
    { sequenceNumber, offset, enqueuedMs }: Checkpoint & Pick<Position, 'enqueuedMs'>,
    incarnation: number,
    current: WrittenCheckpoint | null,
  ): Promise<string | undefined | null> {
    const blob = this.#options.container.getBlockBlobClient(name);
    const metadata = {
      sequencenumber: String(sequenceNumber),
      offset,
      incarnation: String(incarnation),
      enqueuedms: String(enqueuedMs),
    };
    try {
      if (current === null) return (await blob.upload('', 0, { metadata, conditions: { ifNoneMatch: '*' } })).etag;
      return (await blob.setMetadata(metadata, { conditions: { ...(current.etag && { ifMatch: current.etag }) } }))
        .etag;
    } catch (error) {
      // 404 is a blob that was deleted between read and write.
      if (isLostRace(error) || (current !== null && statusOf(error) === 404)) return null;
      throw error;
    }
  }
}

function isAsFar(current: WrittenCheckpoint, sequenceNumber: number, incarnation: number): boolean {
  const same = current.incarnation === null || current.incarnation === incarnation;
  return same && current.sequenceNumber >= sequenceNumber;
}

function statusOf(error: unknown): number | null {
  const status: unknown =
    typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : null;
  return typeof status === 'number' ? status : null;
}

/** 409 BlobAlreadyExists and 412 ConditionNotMet: somebody else was first. */
function isLostRace(error: unknown): boolean {
  const status = statusOf(error);
  return status === 409 || status === 412;
}
