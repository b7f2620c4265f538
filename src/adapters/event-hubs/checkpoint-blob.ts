import type { Checkpoint } from '@azure/event-hubs';
import type { ContainerClient } from '@azure/storage-blob';
import type { Position } from '../../core/ports.ts';

/** Whose blobs are meant: the namespace is without a port. */
export type BlobPlace = Omit<Checkpoint, 'offset' | 'sequenceNumber' | 'partitionId'>;

/** The folder that BlobCheckpointStore keeps blobs in: all lower case, as hub and group are without case in the service. */
export function blobFolder(kind: 'checkpoint' | 'ownership', at: BlobPlace): string {
  return `${`${at.fullyQualifiedNamespace}/${at.eventHubName}/${at.consumerGroup}`.toLowerCase()}/${kind}/`;
}

/** What the blob of a checkpoint holds. */
export interface CheckpointBlob {
  readonly partition: string;
  /** Null when the writer named none, as other tools do. */
  readonly incarnation: number | null;
  readonly position: Position;
}

/** The checkpoints of a hub. Throws what the storage throws; a blob that holds no numbers is left out. */
export async function readCheckpoints(container: ContainerClient, at: BlobPlace): Promise<readonly CheckpointBlob[]> {
  const prefix = blobFolder('checkpoint', at);
  const blobs: CheckpointBlob[] = [];
  for await (const { name, metadata, properties } of container.listBlobsFlat({ prefix, includeMetadata: true })) {
    const sequenceNumber = integerOf(metadata?.['sequencenumber']);
    const offset = metadata?.['offset'];
    if (sequenceNumber === null || offset === undefined) continue;
    // Of other tools: the checkpoint was written behind the event.
    const enqueuedMs = integerOf(metadata?.['enqueuedms']) ?? properties.lastModified.getTime();
    const position = { sequenceNumber, offset, enqueuedMs };
    blobs.push({ partition: name.slice(prefix.length), incarnation: integerOf(metadata?.['incarnation']), position });
  }
  return blobs;
}

/** The integer that a text of metadata is, null for none. */
export function integerOf(text: string | undefined): number | null {
  const number = Number(text ?? Number.NaN);
  return Number.isSafeInteger(number) ? number : null;
}
