import type { AppendBlobClient, ContainerClient } from '@azure/storage-blob';
import { answerDue } from './blob-transfer.ts';
import { answerOf } from './storage-answer.ts';

/** The longest block and the most blocks of an append blob, learn.microsoft.com/rest/api/storageservices/append-block. */
export const appendLimits = { blockBytes: 4 * 1024 ** 2, blocks: 50_000 } as const;

/** Attempts to append where others append too. */
const attemptsMax = 10;

interface Part {
  readonly number: number;
  readonly blob: AppendBlobClient;
  /** Bytes and blocks in it, as last known. */
  size: number;
  blocks: number;
  /** Whether an append may have taken effect that nobody answered. */
  isUnsure: boolean;
  /** The newest lines as last read: what an append left that was not answered is among them until it is given again. */
  found: ReadonlySet<string>;
}

/** A line and its bytes, the line end included. */
export interface Line {
  readonly text: string;
  readonly bytes: Buffer;
}

/**
 * A log of lines in append blobs: `PREFIX.ndjson`, and when that has all the blocks it may have, `PREFIX-2.ndjson` and so
 * on. Each append says at which length it expects the blob; where that is unknown (the first one, and after one that was
 * not answered) the newest lines are read first and those that are there already are not written again.
 */
export class AppendLog {
  readonly #container: ContainerClient;
  readonly #prefix: string;
  readonly #blocksMax: number;
  #part: Part | null = null;

  constructor(container: ContainerClient, prefix: string, blocksMax: number) {
    this.#container = container;
    this.#prefix = prefix;
    this.#blocksMax = blocksMax;
  }

  /** Appends the lines, at most one block of them. Throws RestError of @azure/storage-blob; may then be repeated. */
  async append(lines: readonly Line[], signal: AbortSignal): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const part = await this.#openPart(signal);
      if (part.isUnsure) await this.#look(part, signal);
      const wanted = lines.filter(({ text }) => !part.found.has(text));
      if (wanted.length === 0) return;
      if (part.blocks >= this.#blocksMax) {
        this.#part = await this.#create(part.number + 1, signal);
        continue;
      }
      try {
        await this.#appendBlock(part, Buffer.concat(wanted.map(({ bytes }) => bytes)), signal);
        return;
      } catch (error) {
        part.isUnsure = true;
        const { code } = answerOf(error);
        if (code === 'BlockCountExceedsLimit') part.blocks = this.#blocksMax;
        else if (code === 'BlobNotFound') this.#part = null;
        else if (code !== 'AppendPositionConditionNotMet') throw error;
        if (attempt >= attemptsMax) throw error;
      }
    }
  }

  async #appendBlock(part: Part, bytes: Buffer, signal: AbortSignal): Promise<void> {
    await part.blob.appendBlock(bytes, bytes.length, {
      conditions: { appendPosition: part.size },
      abortSignal: within(signal),
    });
    part.size += bytes.length;
    part.blocks += 1;
  }

  /** Takes over the length of the blob and its newest lines. */
  async #look(part: Part, signal: AbortSignal): Promise<void> {
    const known = await part.blob.getProperties({ abortSignal: within(signal) });
    const size = known.contentLength ?? 0;
    const from = Math.max(0, size - appendLimits.blockBytes);
    const length = size - from;
    const tail = length === 0 ? '' : await part.blob.downloadToBuffer(from, length, { abortSignal: within(signal) });
    part.found = new Set(tail.toString().split('\n'));
    part.size = size;
    part.blocks = known.blobCommittedBlockCount ?? 0;
    part.isUnsure = false;
  }

  async #openPart(signal: AbortSignal): Promise<Part> {
    if (this.#part !== null) return this.#part;
    let last = 0;
    while (await this.#blob(last + 1).exists({ abortSignal: within(signal) })) last += 1;
    this.#part = last === 0 ? await this.#create(1, signal) : this.#partOf(last);
    return this.#part;
  }

  async #create(number: number, signal: AbortSignal): Promise<Part> {
    const part = this.#partOf(number);
    try {
      await part.blob.create({
        conditions: { ifNoneMatch: '*' },
        blobHTTPHeaders: { blobContentType: 'application/x-ndjson' },
        abortSignal: within(signal),
      });
    } catch (error) {
      // Another process created it, or this one did and its answer was lost.
      if (answerOf(error).code !== 'BlobAlreadyExists') throw error;
    }
    return part;
  }

  #partOf(number: number): Part {
    return { number, blob: this.#blob(number), size: 0, blocks: 0, isUnsure: true, found: new Set() };
  }

  #blob(number: number): AppendBlobClient {
    return this.#container.getAppendBlobClient(`${this.#prefix}${number === 1 ? '' : `-${number}`}.ndjson`);
  }
}

/** A length that no append blob reaches. */
const unreachedLength = 2 ** 50;

/**
 * Asks to append at a length that the log does not have: the storage judges the credentials before it, so that its
 * refusal shows that they may append. Writes nothing. Throws RestError of @azure/storage-blob when they may not.
 */
export async function tryAppend(container: ContainerClient, prefix: string, signal: AbortSignal): Promise<void> {
  const options = { conditions: { appendPosition: unreachedLength }, abortSignal: within(signal) };
  try {
    await container.getAppendBlobClient(`${prefix}.ndjson`).appendBlock('\n', 1, options);
  } catch (error) {
    const { code } = answerOf(error);
    // It may be absent, or have all its blocks.
    if (!['AppendPositionConditionNotMet', 'BlobNotFound', 'BlockCountExceedsLimit'].includes(code)) throw error;
  }
}

function within(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, answerDue()]);
}
