import { randomUUID } from 'node:crypto';
import type { BlobLeaseClient, BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import type { LeaseAnswer, LeaseRecord } from '../../core/ports.ts';
import { answerDue } from './blob-transfer.ts';
import { answerOf, stateStoreError } from './storage-answer.ts';

/** Longest wait for one answer, milliseconds: several attempts have to fit into a duration. */
const requestMs = 3000;

export interface BlobLeaseOptions {
  /** Name of this process, shown to those who wait. */
  readonly identifier: string;
  /** The storage takes 15 000 to 60 000, whole seconds. */
  readonly durationMs: number;
}

/**
 * A lease that the storage keeps on an empty blob, with the name of the holder in its metadata
 * (learn.microsoft.com/rest/api/storageservices/lease-blob).
 */
export class BlobLeaseRecord implements LeaseRecord {
  readonly #container: ContainerClient;
  readonly #blob: BlockBlobClient;
  readonly #lease: BlobLeaseClient;
  readonly #options: BlobLeaseOptions;

  /** Throws RangeError for a duration that the storage does not take. */
  constructor(container: ContainerClient, blobName: string, options: BlobLeaseOptions) {
    const seconds = options.durationMs / 1000;
    if (!Number.isInteger(seconds) || seconds < 15 || seconds > 60) {
      throw new RangeError(
        `Cannot lease blob ${blobName} for ${options.durationMs} ms: it must be 15 to 60 whole seconds, check LEASE_DURATION`,
      );
    }
    this.#container = container;
    this.#options = options;
    this.#blob = container.getBlockBlobClient(blobName);
    // One id for every attempt: taking a lease again whose first answer was lost finds it our own.
    this.#lease = this.#blob.getBlobLeaseClient(randomUUID());
  }

  take(): Promise<LeaseAnswer> {
    return this.#explained('take', async () => {
      try {
        await this.#acquire();
      } catch (error) {
        const { code } = answerOf(error);
        if (code !== 'LeaseAlreadyPresent' && code !== 'LeaseIsBreakingAndCannotBeAcquired') throw error;
        return { taken: false, holder: await this.#holder() };
      }
      await this.#nameHolder().catch(() => undefined); // The name is only shown.
      return { taken: true };
    });
  }

  renew(): Promise<boolean> {
    return this.#explained('renew', async () => {
      try {
        await this.#lease.renewLease({ abortSignal: answerDue(requestMs) });
        return true;
      } catch (error) {
        if (isNotHeld(error)) return false;
        throw error;
      }
    });
  }

  async free(): Promise<void> {
    await this.#explained('free', async () => {
      try {
        await this.#lease.releaseLease({ abortSignal: answerDue(requestMs) });
      } catch (error) {
        if (!isNotHeld(error)) throw error;
      }
    });
  }

  async break(): Promise<void> {
    await this.#explained('break', async () => {
      try {
        await this.#lease.breakLease(0, { abortSignal: answerDue(requestMs) });
      } catch (error) {
        if (!isNotHeld(error)) throw error;
      }
    });
  }

  async #acquire(): Promise<void> {
    const seconds = this.#options.durationMs / 1000;
    try {
      await this.#lease.acquireLease(seconds, { abortSignal: answerDue(requestMs) });
    } catch (error) {
      if (answerOf(error).code !== 'BlobNotFound') throw error;
      await this.#create();
      await this.#lease.acquireLease(seconds, { abortSignal: answerDue(requestMs) });
    }
  }

  /** Creates the blob, unless another does at the same moment. */
  async #create(): Promise<void> {
    try {
      await this.#blob.upload('', 0, { conditions: { ifNoneMatch: '*' }, abortSignal: answerDue(requestMs) });
    } catch (error) {
      const { statusCode } = answerOf(error);
      if (statusCode !== 409 && statusCode !== 412) throw error;
    }
  }

  async #nameHolder(): Promise<void> {
    const holder = encodeURIComponent(this.#options.identifier);
    await this.#blob.setMetadata(
      { holder },
      { conditions: { leaseId: this.#lease.leaseId }, abortSignal: answerDue(requestMs) },
    );
  }

  async #holder(): Promise<string> {
    try {
      const { metadata } = await this.#blob.getProperties({ abortSignal: answerDue(requestMs) });
      return decodeURIComponent(metadata?.['holder'] ?? 'unknown');
    } catch {
      return 'unknown';
    }
  }

  async #explained<T>(verb: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw stateStoreError(error, `${verb} the lease on blob ${this.#blob.name}`, this.#container);
    }
  }
}

/** The storage knows that this lease is not held: taken by another, broken, freed, or its blob gone. */
function isNotHeld(error: unknown): boolean {
  const { statusCode, code } = answerOf(error);
  return (statusCode === 409 && code.startsWith('Lease')) || code === 'BlobNotFound';
}
