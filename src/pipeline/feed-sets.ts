import type { IndicatorCatalogue } from '../core/intel/catalogue.ts';
import type { SourceSettings } from '../core/intel/indicator-reader.ts';
import { newFeedState, statusOf, type FeedState } from './feed-state.ts';
import type { FeedStatus } from './feed-status.ts';
import type { SharedFeeds } from './shared-feeds.ts';
import type { PersistedFeed } from './stored-feed.ts';
import type { Turns } from './turns.ts';

/** The sets that the catalogue holds of the feeds that are configured, with what is known of each. */
export class FeedSets {
  readonly states: ReadonlyMap<string, FeedState>;
  readonly settings: ReadonlyMap<string, SourceSettings>;
  readonly #catalogue: IndicatorCatalogue;

  /** Settings by the name of the feed. */
  constructor(settings: ReadonlyMap<string, SourceSettings>, catalogue: IndicatorCatalogue) {
    this.settings = settings;
    this.states = new Map([...settings.keys()].map((name) => [name, newFeedState()]));
    this.#catalogue = catalogue;
  }

  status(refreshIntervalMs: number): readonly FeedStatus[] {
    const counts = new Map(this.#catalogue.counts().map((feed) => [feed.source, feed]));
    return [...this.states].map(([name, state]) => statusOf(name, state, counts.get(name), refreshIntervalMs));
  }

  /** As Refresh.persisted(). */
  persisted(): readonly PersistedFeed[] {
    const loaded = [...this.states].filter(([, { loaded }]) => loaded);
    return loaded.map(([name, state]) => {
      state.told = this.#catalogue.beginExport(name);
      return { name, cursor: state.cursor, revision: state.revision };
    });
  }

  /** As Refresh.exportFeed(). */
  async export(name: string, turns: Turns): Promise<Uint8Array | null> {
    const state = this.states.get(name);
    if (state?.loaded !== true) return null;
    const begun = state.told ?? this.#catalogue.beginExport(name);
    state.told = null;
    return begun === null ? null : turns.finish(begun);
  }

  /** Goes on as the process that shares its feeds, whose sets are held; what it does not share is dropped. */
  follow({ sets, polls }: SharedFeeds): void {
    const cursors = new Map(sets.map(({ name, cursor }) => [name, cursor]));
    for (const [name, state] of this.states) {
      Object.assign(state, polls[name], { failures: 0 });
      if (!cursors.has(name)) this.drop(name);
      else if (state.loaded) Object.assign(state, { cursor: cursors.get(name) ?? null, revision: 0 });
    }
  }

  /** Holds nothing of a feed, as before it loaded. */
  drop(name: string): void {
    const [state, settings] = [this.states.get(name), this.settings.get(name)];
    if (state?.loaded !== true || settings === undefined) return;
    this.#catalogue.apply(settings, [], { full: true });
    Object.assign(state, { loaded: false, cursor: null, revision: 0, told: null });
  }
}
