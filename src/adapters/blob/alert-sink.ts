import type { ContainerClient } from '@azure/storage-blob';
import type { AlertFormat } from '../../core/alert/format/alert-format.ts';
import { PartialDelivery } from '../../core/alert/partial-delivery.ts';
import { SinkError, type SinkErrorCode } from '../../core/alert/sink-error.ts';
import type { AlertSink, Clock, SinkDocument } from '../../core/ports.ts';
import { appendLimits, AppendLog, type Line, tryAppend } from './append-log.ts';
import { openContainer, type StorageAccess } from './container.ts';
import { answerOf, isRefusal, textOf } from './storage-answer.ts';

/** Days whose logs stay open: late alerts of the day before come beside those of the new day. */
const daysOpen = 3;

export interface BlobSinkSettings {
  readonly name: string;
  readonly container: string;
  /** Before the day in the names of the blobs; ends in a slash if it is to be a folder. */
  readonly prefix: string;
}

export interface BlobSinkWorld {
  readonly access: StorageAccess;
  readonly clock: Clock;
  /** Blocks after which a blob is continued in another; the service's limit when absent. */
  readonly blocksMax?: number;
}

/**
 * Appends alerts to one NDJSON append blob a day (UTC, of their emittedAt): `PREFIX2026-03-01.ndjson`. An append whose
 * answer was lost is found by what lies in the blob, so that its lines are written once; a process that starts anew
 * compares with the newest 4 MiB of the day.
 */
export class BlobAlertSink implements AlertSink {
  readonly name: string;
  readonly limits = {
    batchMax: 5000,
    batchBytesMax: appendLimits.blockBytes,
    documentBytesMax: appendLimits.blockBytes - 1,
  };
  readonly encode: AlertFormat;
  readonly #settings: BlobSinkSettings;
  readonly #world: BlobSinkWorld;
  readonly #partial = new PartialDelivery();
  readonly #days = new Map<string, AppendLog>();
  #container: ContainerClient | null = null;
  #line: Promise<void> = Promise.resolve();

  constructor(settings: BlobSinkSettings, format: AlertFormat, world: BlobSinkWorld) {
    this.name = settings.name;
    this.encode = format;
    this.#settings = settings;
    this.#world = world;
  }

  deliver(documents: readonly SinkDocument[], signal: AbortSignal): Promise<void> {
    const work = this.#line.then(() => this.#deliver(documents, signal));
    this.#line = work.catch(() => undefined);
    return work;
  }

  /** Asks for an append that can never take effect, which is refused earlier to whoever may not append. */
  async check(signal: AbortSignal): Promise<string> {
    const { container, prefix } = this.#settings;
    const day = new Date(this.#world.clock.now()).toISOString().slice(0, 10);
    try {
      await tryAppend(await this.#open(), `${prefix}${day}`, signal);
    } catch (error) {
      throw this.#explained(error);
    }
    return `container ${container} can be appended to`;
  }

  /** Waits for the deliveries under way. */
  close(): Promise<void> {
    return this.#line;
  }

  async #deliver(documents: readonly SinkDocument[], signal: AbortSignal): Promise<void> {
    try {
      for (const { day, block } of blocksOf(this.#partial.remaining(documents))) {
        const log = await this.#logOf(day);
        await log.append(block.map(lineOf), signal);
        this.#partial.took(block);
      }
    } catch (error) {
      throw this.#explained(error);
    }
    this.#partial.completed(documents);
  }

  async #logOf(day: string): Promise<AppendLog> {
    const known = this.#days.get(day);
    if (known !== undefined) return known;
    const log = new AppendLog(
      await this.#open(),
      `${this.#settings.prefix}${day}`,
      this.#world.blocksMax ?? appendLimits.blocks,
    );
    this.#days.set(day, log);
    for (const old of [...this.#days.keys()].slice(0, -daysOpen)) this.#days.delete(old);
    return log;
  }

  async #open(): Promise<ContainerClient> {
    if (this.#container !== null) return this.#container;
    const opened = await openContainer(this.#world.access, this.#settings.container, this.#world.clock);
    if (!opened.ok) {
      const code = opened.error.code === 'storage_unauthorized' ? 'unauthorized' : 'unavailable';
      throw new SinkError(code, `Cannot append alerts of sink ${this.name}: ${opened.error.message}`);
    }
    this.#container = opened.container;
    return opened.container;
  }

  #explained(error: unknown): SinkError {
    if (error instanceof SinkError) return error;
    const { container } = this.#settings;
    const code = codeOf(error);
    if (code === 'not_found') {
      // It is opened, and if absent created, anew.
      this.#container = null;
      this.#days.clear();
    }
    const mends: Partial<Record<SinkErrorCode, string>> = {
      unauthorized: `the storage refused the credentials: they need the right to write blobs`,
      not_found: `the storage has no such container`,
      rate_limited: 'the storage takes no more at this rate',
    };
    const reason = mends[code] ?? 'the storage did not take them: check STORAGE_CONNECTION_STRING and the network';
    const message = `Cannot append alerts of sink ${this.name} to container ${container} as ${reason}; the storage said: ${textOf(error)}`;
    return new SinkError(code, message, { cause: error });
  }
}

function codeOf(error: unknown): SinkErrorCode {
  if (isRefusal(error)) return 'unauthorized';
  const { statusCode, code } = answerOf(error);
  if (code.startsWith('Container') || statusCode === 404) return 'not_found';
  return statusCode === 429 || code === 'ServerBusy' ? 'rate_limited' : 'unavailable';
}

function lineOf({ text }: SinkDocument): Line {
  return { text, bytes: Buffer.from(`${text}\n`) };
}

/** Documents in their order, cut where the day changes and where a block is full. */
function blocksOf(
  documents: readonly SinkDocument[],
): readonly { readonly day: string; readonly block: SinkDocument[] }[] {
  const blocks: { readonly day: string; readonly block: SinkDocument[]; bytes: number }[] = [];
  for (const document of documents) {
    const day = document.emittedAt.slice(0, 10);
    const bytes = Buffer.byteLength(document.text) + 1;
    const last = blocks.at(-1);
    if (last?.day === day && last.bytes + bytes <= appendLimits.blockBytes) {
      last.block.push(document);
      last.bytes += bytes;
    } else blocks.push({ day, block: [document], bytes });
  }
  return blocks;
}
