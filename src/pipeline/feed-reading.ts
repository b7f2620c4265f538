import type { Log, StateStore } from '../core/ports.ts';
import { isSameBlob, readNews } from './feed-manifest.ts';
import { decodeHead, type BlobReference, type Head, type Manifest } from './manifest.ts';
import type { Refresh } from './refresh.ts';
import type { SharedSet } from './shared-feeds.ts';
import { isUnusable, readBlob, type StateCodec } from './state-owner.ts';
import { wantVersion } from './wanted-version.ts';

export interface FeedReadingOptions {
  readonly store: StateStore;
  readonly refresh: Refresh;
  readonly codec: StateCodec;
  readonly log: Log;
}

/** Reads the shared feeds and lets the refresh go on with them. One reading at a time. */
export class FeedReading {
  readonly #options: FeedReadingOptions;
  /** The blobs of the sets that the refresh holds, by the name of the feed. */
  #held = new Map<string, BlobReference>();
  #tag: string | null = null;
  #head: Head | null = null;
  #isOtherTold = false;

  constructor(options: FeedReadingOptions) {
    this.#options = options;
  }

  /** The head that was read last; null when there was none. */
  get head(): Head | null {
    return this.#head;
  }

  /** Holds the sets of the refresh for unknown: it has polled itself. */
  forget(): void {
    this.#held = new Map();
    this.#tag = null;
  }

  /**
   * Follows the process that shares: adopts what its head names, if that is another than at the last look. Throws
   * StateStoreError, HeadError, and DamagedStateError for a blob that cannot be read; nothing is adopted then.
   */
  async look(): Promise<void> {
    const { store, codec, refresh, log } = this.#options;
    const stored = await store.readHead();
    if (stored === null || stored.tag === this.#tag) return;
    this.#head = decodeHead(stored.bytes, codec.sha256);
    const { current } = this.#head;
    const ordinal = refresh.index.version?.ordinal ?? 0;
    // The state that had it was lost: whoever polls must first go beyond it.
    if ((current?.indexOrdinal ?? 0) < ordinal) await wantVersion(store, ordinal);
    else if (current !== null) {
      const isSame = await this.#adopt(current, await this.#setsOf(current), true);
      if (!isSame && !this.#isOtherTold)
        log.warn('The index differs from that of the replica that polls the feeds: their options must be the same', {
          version: current.indexOrdinal,
        });
      this.#isOtherTold = !isSame;
    }
    this.#tag = stored.tag;
  }

  /**
   * Goes on where another process ended. A set that cannot be read is dropped with its cursor, so that its feed is fetched
   * whole. Whether the version of the state is now in use here, with its content. Throws StateStoreError.
   */
  async take(manifest: Manifest): Promise<boolean> {
    const { log, refresh } = this.#options;
    const sets: SharedSet[] = [];
    for (const reference of manifest.feeds)
      try {
        sets.push(await this.#setOf(reference));
      } catch (cause) {
        if (!isUnusable(cause)) throw cause;
        log.warn('The set of a feed cannot be read: it will be fetched whole', { feed: reference.name, cause });
      }
    const isSame = await this.#adopt(manifest, sets, false);
    return isSame && refresh.index.version?.ordinal === manifest.indexOrdinal;
  }

  async #adopt(manifest: Manifest, sets: readonly SharedSet[], mayDiffer: boolean): Promise<boolean> {
    const { refresh } = this.#options;
    const { digest, polls } = await this.#newsOf(manifest, mayDiffer);
    const held = new Map(manifest.feeds.map(({ name, blob }) => [name, blob]));
    this.#held = new Map();
    const version = { ordinal: manifest.indexOrdinal, digest };
    const isSame = await refresh.adopt({ sets, version, polls }, mayDiffer);
    this.#held = new Map(sets.flatMap(({ name }) => [...held].filter(([each]) => each === name)));
    return isSame;
  }

  /** Without a digest no index is the same. */
  async #newsOf(manifest: Manifest, insists: boolean): ReturnType<typeof readNews> {
    const { store, codec } = this.#options;
    try {
      return await readNews(store, manifest, codec);
    } catch (error) {
      if (insists || !isUnusable(error)) throw error;
      return { digest: '', polls: {} };
    }
  }

  async #setsOf({ feeds }: Manifest): Promise<SharedSet[]> {
    const sets: SharedSet[] = [];
    for (const reference of feeds) sets.push(await this.#setOf(reference));
    return sets;
  }

  async #setOf({ name, cursor, blob }: Manifest['feeds'][number]): Promise<SharedSet> {
    const { store, codec } = this.#options;
    if (isSameBlob(this.#held.get(name), blob)) return { name, cursor, bytes: null };
    return { name, cursor, bytes: await readBlob(store, blob, codec) };
  }
}
