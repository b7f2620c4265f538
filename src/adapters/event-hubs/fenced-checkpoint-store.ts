import type { Checkpoint, PartitionOwnership } from '@azure/event-hubs';
import { BlobCheckpointStore } from '@azure/eventhubs-checkpointstore-blob';
import type { ContainerClient } from '@azure/storage-blob';
import type { Position, RealTime } from '../../core/ports.ts';

export interface FencedStoreOptions {
  readonly container: ContainerClient;
  /** Owner name of this process in ownership blobs. */
  readonly identifier: string;
  /** Whether this client has a reader on the partition. */
  readonly isRunning: (partition: string) => boolean;
  /** Where each partition goes on, as this process knows it; never read from blobs. */
  readonly positions: () => ReadonlyMap<string, Position>;
  readonly time: RealTime;
}

interface WrittenCheckpoint {
  readonly etag: string | undefined;
  readonly sequenceNumber: number;
}

/**
 * BlobCheckpointStore with what it lacks, under the same blob names, so that lag tools go on reading it:
 * - the first claim of a partition is atomic, where the base lets two processes both win (azure-sdk-for-python#38812);
 * - a checkpoint is written only by the owner, only forwards, by compare-and-set, where the base lets the last writer win;
 * - readers resume from the positions of this process, so a checkpoint can never lie ahead of what was really taken;
 * - a partition of ours without a reader is reported as free, where the load balancer would wait for it to expire.
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
    this.#cycleDoneAt = this.#listedAt;
    this.#listedAt = this.#options.time.nowMs();
    const listed = await this.#listed(namespace, hub, group);
    for (const { partitionId, ownerId } of listed) this.#owners.set(partitionId, ownerId);
    return listed.map((ownership) =>
      ownership.ownerId === this.#options.identifier && !this.#options.isRunning(ownership.partitionId)
        ? { ...ownership, ownerId: '' }
        : ownership,
    );
  }

  override async claimOwnership(claims: PartitionOwnership[]): Promise<PartitionOwnership[]> {
    const claimed: PartitionOwnership[] = [];
    for (const claim of this.#retired ? [] : claims) {
      const won = await (claim.etag === undefined ? this.#firstClaim(claim) : super.claimOwnership([claim]));
      for (const { partitionId, ownerId } of won) this.#owners.set(partitionId, ownerId);
      claimed.push(...won);
    }
    return claimed;
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

  /** Writes a checkpoint, unless another process owns the partition or the blob is as far already. */
  override async updateCheckpoint(checkpoint: Checkpoint): Promise<void> {
    const name = blobName('checkpoint', checkpoint);
    for (let attempt = 1; attempt <= 3; attempt++) {
      if (!this.owns(checkpoint.partitionId)) return;
      const current = this.#written.get(name) ?? (await this.#readCheckpoint(name));
      if (current !== null && current.sequenceNumber >= checkpoint.sequenceNumber) return;
      const etag = await this.#replaceCheckpoint(name, checkpoint, current);
      if (etag !== null) {
        this.#written.set(name, { etag, sequenceNumber: checkpoint.sequenceNumber });
        return;
      }
      this.#written.delete(name);
    }
    throw new Error(`Cannot write checkpoint ${name} as another process writes it too`);
  }

  /** Drops the checkpoint of a partition whose hub was made anew: its numbers start again. */
  async forgetCheckpoint(partition: Omit<Checkpoint, 'offset' | 'sequenceNumber'>): Promise<void> {
    const name = blobName('checkpoint', partition);
    this.#written.delete(name);
    await this.#options.container.getBlockBlobClient(name).deleteIfExists();
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
        .getBlockBlobClient(blobName('ownership', claim))
        .upload('', 0, { metadata: { ownerid: claim.ownerId }, conditions: { ifNoneMatch: '*' } });
      return [
        { ...claim, ...(etag && { etag }), ...(lastModified && { lastModifiedTimeInMs: lastModified.getTime() }) },
      ];
    } catch (error) {
      if (isLostRace(error)) return [];
      throw error;
    }
  }

  async #readCheckpoint(name: string): Promise<WrittenCheckpoint | null> {
    try {
      const { etag, metadata } = await this.#options.container.getBlockBlobClient(name).getProperties();
      const sequenceNumber = Number(metadata?.['sequencenumber'] ?? Number.NaN);
      return { etag, sequenceNumber: Number.isSafeInteger(sequenceNumber) ? sequenceNumber : -1 };
    } catch (error) {
      if (statusOf(error) === 404) return null;
      throw error;
    }
  }

  /** The new etag, or null when another writer came between. */
  async #replaceCheckpoint(
    name: string,
    { sequenceNumber, offset }: Checkpoint,
    current: WrittenCheckpoint | null,
  ): Promise<string | undefined | null> {
    const blob = this.#options.container.getBlockBlobClient(name);
    const metadata = { sequencenumber: String(sequenceNumber), offset };
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

/** The name BlobCheckpointStore gives a blob: all lower case, as hub and group are without case in the service. */
function blobName(
  kind: 'checkpoint' | 'ownership',
  at: Pick<Checkpoint, 'fullyQualifiedNamespace' | 'eventHubName' | 'consumerGroup' | 'partitionId'>,
): string {
  const folder = `${at.fullyQualifiedNamespace}/${at.eventHubName}/${at.consumerGroup}`.toLowerCase();
  return `${folder}/${kind}/${at.partitionId}`;
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
