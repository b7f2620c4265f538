import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { startAzurite, type Azurite } from '../../../src/dev/azurite.ts';
import { sha256Bytes } from '../../../src/adapters/system/digest.ts';
import { decodeHead, type Head } from '../../../src/pipeline/manifest.ts';

/** Ends a request that nobody answers; the test looks again. */
const answerMs = 10_000;

/** Azurite with its blobs on disk: it can be stopped and started, and what lies in it can be looked at and damaged. */
export class DurableAzurite {
  readonly #folder: string;
  readonly #container: ContainerClient;
  #azurite: Azurite;

  private constructor(azurite: Azurite, folder: string) {
    this.#azurite = azurite;
    this.#folder = folder;
    this.#container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('tidewatch');
  }

  static async start(folder: string): Promise<DurableAzurite> {
    return new DurableAzurite(await startAzurite({ folder }), folder);
  }

  get connectionString(): string {
    return this.#azurite.connectionString;
  }

  /** Ends the process; connections are refused until startAgain(). */
  async stop(): Promise<void> {
    await this.#azurite.stop();
  }

  async startAgain(): Promise<void> {
    const port = Number(new URL(this.#azurite.url).port);
    this.#azurite = await startAzurite({ folder: this.#folder, port });
  }

  /** The head of the state as it is; null before the first. */
  async head(): Promise<Head | null> {
    const blob = this.#container.getBlockBlobClient('state/head');
    const abortSignal = AbortSignal.timeout(answerMs);
    if (!(await blob.exists({ abortSignal }))) return null;
    return decodeHead(await blob.downloadToBuffer(0, undefined, { abortSignal }), sha256Bytes);
  }

  /** Cuts the newest blob of the current state to half of its bytes, as a write that did not become whole. */
  async truncateNewest(): Promise<string> {
    const current = (await this.head())?.current;
    const newest = current?.deltas.at(-1) ?? current?.base;
    if (newest === undefined) throw new Error('Cannot truncate a state blob as there is none yet');
    const blob = this.#container.getBlockBlobClient(`state/${newest.name}`);
    const bytes = await blob.downloadToBuffer();
    await blob.upload(bytes.subarray(0, bytes.length >> 1), bytes.length >> 1);
    return newest.name;
  }

  /** Frees the lease of a process that was killed, as an operator may who does not want to wait for its end. */
  async breakLease(): Promise<void> {
    const lease = this.#container.getBlobClient('state/lease').getBlobLeaseClient();
    // What is not leased, or not there yet, is free.
    await lease.breakLease(0, { abortSignal: AbortSignal.timeout(answerMs) }).catch(() => undefined);
  }

  /** The texts of the blobs whose names begin so. */
  async texts(prefix: string): Promise<readonly string[]> {
    const texts: string[] = [];
    for await (const { name } of this.#container.listBlobsFlat({ prefix }))
      texts.push((await this.#container.getBlobClient(name).downloadToBuffer()).toString());
    return texts;
  }

  /** Names of the blobs of the state. */
  async stateBlobs(): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const { name } of this.#container.listBlobsFlat({ prefix: 'state/' })) names.push(name);
    return names;
  }
}
