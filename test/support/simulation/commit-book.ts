import type { Alert } from '../../../src/core/alert/alert.ts';
import { decodeHead } from '../../../src/pipeline/manifest.ts';
import { readImage } from '../../../src/pipeline/state-owner.ts';
import { memoryCodec } from '../memory-codec.ts';
import type { MemoryStateStore } from '../memory-state-store.ts';
import type { Past } from './recorder.ts';

/** Where a cut was made: behind how many of the steps that led to it. */
export interface CutPlace extends Past {
  readonly length: number;
}

/** A head that was written, by the number of the life that wrote it. */
export interface WrittenHead {
  readonly life: number;
  readonly worldMs: number;
  readonly epoch: number;
  /** Of the state that it names, null when it names none. */
  readonly generation: number | null;
}

/** What was ever made durable, and by whom: the history of all lives, which no single one knows. */
export class CommitBook {
  readonly heads: WrittenHead[] = [];
  readonly #cuts = new Map<string, CutPlace>();
  readonly #store: MemoryStateStore;
  readonly #committed = new Set<string>();

  constructor(store: MemoryStateStore) {
    this.#store = store;
  }

  /** Notes which cut a blob holds. */
  noteCut(blob: string, place: CutPlace): void {
    this.#cuts.set(blob, place);
  }

  /** What led to the state that a blob completes. */
  pastOf(blob: string): Past {
    const place = this.#cuts.get(blob);
    if (place === undefined) throw new Error(`Cannot tell what led to ${blob}: no life wrote it`);
    return { begunMs: place.begunMs, steps: place.steps.slice(0, place.length) };
  }

  /** Notes a head right after it was written. */
  noteHead(life: number, worldMs: number): void {
    const bytes = this.#store.headBytes();
    if (bytes === null) throw new Error('Cannot note a head as there is none');
    const { epoch, current } = decodeHead(bytes, memoryCodec.sha256);
    this.heads.push({ life, worldMs, epoch, generation: current?.generation ?? null });
  }

  /** Those of the documents that are in no state that was ever valid. */
  async uncommitted(documents: readonly string[]): Promise<readonly string[]> {
    if (documents.some((document) => !this.#committed.has(document)))
      for (const document of await this.#alertsKept()) this.#committed.add(document);
    return documents.filter((document) => !this.#committed.has(document));
  }

  /** The alerts of both states that the head names, as far as they can be read. */
  async #alertsKept(): Promise<readonly string[]> {
    const bytes = this.#store.headBytes();
    if (bytes === null) return [];
    const { current, previous } = decodeHead(bytes, memoryCodec.sha256);
    const kept: Alert[] = [];
    const store = this.#store.open();
    for (const manifest of [current, previous]) {
      if (manifest === null) continue;
      const image = await readImage(store, manifest, memoryCodec).catch(() => null);
      kept.push(...(image?.alerts ?? []).map(({ alert }) => alert));
    }
    return kept.map((alert) => JSON.stringify(alert));
  }
}
