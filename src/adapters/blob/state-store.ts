import { randomBytes } from 'node:crypto';
import type { ContainerClient } from '@azure/storage-blob';
import { HeadConflictError, StateStoreError, type StateStore, type StoredHead } from '../../core/ports.ts';
import { checkBlobName, headName, isBlobName } from '../../core/state/blob-name.ts';
import { answerDue, buffer, downloadWhole, uploadNew } from './blob-transfer.ts';
import { answerOf, stateStoreError } from './storage-answer.ts';

interface ReadHead extends StoredHead {
  /** Who wrote it: the token of a store. */
  readonly writer: string | undefined;
}

/**
 * Keeps the state of a shard as block blobs under a prefix. The head is replaced with If-Match, the others are written
 * with If-None-Match, so that of several writers the storage lets one through.
 */
export class BlobStateStore implements StateStore {
  readonly #container: ContainerClient;
  readonly #prefix: string;
  /** Tells a head that this store wrote from one of another with the same bytes. */
  readonly #writer = randomBytes(12).toString('hex');

  /** `prefix` ends in a slash if it is to be a folder. */
  constructor(container: ContainerClient, prefix: string) {
    this.#container = container;
    this.#prefix = prefix;
  }

  readHead(): Promise<StoredHead | null> {
    return this.#explained('read the head of the state', async () => {
      const head = await this.#readHead();
      return head && { bytes: head.bytes, tag: head.tag };
    });
  }

  writeHead(bytes: Uint8Array, tag: string | null): Promise<string> {
    return this.#explained('write the head of the state', async () => {
      try {
        const { etag } = await this.#blob(headName).upload(buffer(bytes), bytes.length, {
          conditions: tag === null ? { ifNoneMatch: '*' } : { ifMatch: tag },
          metadata: { writer: this.#writer },
          abortSignal: answerDue(),
        });
        return tagOf(etag);
      } catch (error) {
        if (!isConflict(error)) throw error;
        const head = await this.#readHead();
        // The answer to an earlier attempt was lost, here or inside the client.
        if (head?.writer === this.#writer && buffer(bytes).equals(head.bytes)) return head.tag;
        throw new HeadConflictError(
          `Cannot write the head of the state: expected its tag to be ${tag ?? 'absent'}, it is ${head?.tag ?? 'absent'}`,
          { cause: error },
        );
      }
    });
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    checkBlobName(name);
    await this.#explained(`write state blob ${name}`, async () => {
      try {
        await uploadNew(this.#blob(name), bytes);
      } catch (error) {
        if (!isConflict(error)) throw error;
        const present = await this.#read(name);
        if (present !== null && buffer(bytes).equals(present)) return;
        if (present === null) throw error;
        throw new StateStoreError('name_taken', `Cannot write state blob ${name}: it is there with other bytes`, error);
      }
    });
  }

  get(name: string): Promise<Uint8Array | null> {
    return this.#explained(`read state blob ${name}`, () => this.#read(name));
  }

  async delete(name: string): Promise<void> {
    await this.#explained(`delete state blob ${name}`, () =>
      this.#blob(name).deleteIfExists({ abortSignal: answerDue() }),
    );
  }

  list(): Promise<readonly string[]> {
    return this.#explained('list the blobs of the state', async () => {
      const names: string[] = [];
      const pages = this.#container.listBlobsFlat({ prefix: this.#prefix, abortSignal: answerDue() });
      for await (const { name } of pages) names.push(name.slice(this.#prefix.length));
      return names.filter(isBlobName).sort();
    });
  }

  /** In one request, so that tag and bytes belong together. */
  async #readHead(): Promise<ReadHead | null> {
    try {
      const answer = await this.#blob(headName).download(0, undefined, { abortSignal: answerDue() });
      const chunks: Buffer[] = [];
      for await (const chunk of answer.readableStreamBody ?? []) chunks.push(Buffer.from(chunk));
      return { bytes: Buffer.concat(chunks), tag: tagOf(answer.etag), writer: answer.metadata?.['writer'] };
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }

  async #read(name: string): Promise<Uint8Array | null> {
    const blob = this.#blob(name);
    try {
      return await downloadWhole(blob);
    } catch (error) {
      if (isAbsent(error)) return null;
      // A blob never changes, so a condition that does not hold any more says that it was deleted while it was read.
      if (answerOf(error).statusCode === 412 && !(await blob.exists({ abortSignal: answerDue() }))) return null;
      throw error;
    }
  }

  #blob(name: string): ReturnType<ContainerClient['getBlockBlobClient']> {
    return this.#container.getBlockBlobClient(this.#prefix + name);
  }

  async #explained<T>(action: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof HeadConflictError) throw error;
      throw stateStoreError(error, action, this.#container);
    }
  }
}

function tagOf(etag: string | undefined): string {
  if (etag === undefined)
    throw new StateStoreError('unknown', 'Cannot tell versions of the head apart: the storage gave no ETag', null);
  return etag;
}

/** A blob that is absent, not its container: a state whose container went away is not a first start. */
function isAbsent(error: unknown): boolean {
  const { statusCode, code } = answerOf(error);
  return statusCode === 404 && code === 'BlobNotFound';
}

function isConflict(error: unknown): boolean {
  const { statusCode, code } = answerOf(error);
  return statusCode === 412 || code === 'BlobAlreadyExists' || isAbsent(error);
}
