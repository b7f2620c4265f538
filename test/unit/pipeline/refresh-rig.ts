import { RangeSet } from '../../../src/core/address-range.ts';
import { parseAddress } from '../../../src/core/address.ts';
import { Engine } from '../../../src/core/engine.ts';
import { FeedError } from '../../../src/core/feed-error.ts';
import { IndicatorCatalogue } from '../../../src/core/intel/catalogue.ts';
import type { SourceSettings } from '../../../src/core/intel/indicator-reader.ts';
import type { StixObject } from '../../../src/core/intel/stix-object.ts';
import type { FeedUpdate, IndicatorFeed } from '../../../src/core/ports.ts';
import { Refresh } from '../../../src/pipeline/refresh.ts';
import type { StoredFeed } from '../../../src/pipeline/stored-feed.ts';
import { engineOptions, usualSetting } from '../../support/engine-builder.ts';
import { updateOf, type WholeUpdate } from '../../support/feed-updates.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { SteppingClock } from '../../support/stepping-clock.ts';
import { SteppingRealTime } from '../../support/stepping-real-time.ts';
import { source, stixIndicator } from '../core/intel/indicator-fixture.ts';

export const now = Date.UTC(2026, 2, 2, 12);
export const refreshIntervalMs = 900_000;

/** Gives out what it was told to, one answer a poll, and remembers the cursors it was asked with. */
class ScriptedFeed implements IndicatorFeed {
  readonly name: string;
  readonly settings: SourceSettings;
  readonly cursors: (string | null)[] = [];
  readonly answers: (FeedUpdate | WholeUpdate | FeedError)[] = [];

  constructor(name: string) {
    this.name = name;
    this.settings = { ...source, name };
  }

  poll(cursor: string | null): Promise<FeedUpdate> {
    this.cursors.push(cursor);
    const answer = this.answers.shift();
    if (answer === undefined) return Promise.reject(new FeedError('unreachable', `${this.name} has no more answers`));
    return answer instanceof FeedError
      ? Promise.reject(answer)
      : Promise.resolve('pages' in answer ? answer : updateOf(answer));
  }
}

export const full = (cursor: string | null, ...objects: StixObject[]): WholeUpdate => ({ objects, cursor, full: true });
export const delta = (cursor: string | null, ...objects: StixObject[]): WholeUpdate => ({
  objects,
  cursor,
  full: false,
});
export const first = stixIndicator();
export const second = stixIndicator({ id: 'indicator--2', pattern: "[ipv4-addr:value = '203.0.113.9']" });

export interface RefreshRig {
  readonly feeds: readonly ScriptedFeed[];
  readonly log: MemoryLog;
  readonly clock: SteppingClock;
  readonly realTime: SteppingRealTime;
  readonly catalogue: IndicatorCatalogue;
  readonly engine: Engine;
  readonly refresh: Refresh;
  readonly turns: { readonly count: number };
  /** Polls the feed at this place, which gives this answer. */
  readonly poll: (at: number, answer: FeedUpdate | WholeUpdate) => Promise<FeedError | null>;
  /** Sightings of the index for an address. */
  readonly hits: (text: string) => number;
  /** What a commit would keep. */
  readonly stored: () => Promise<StoredFeed[]>;
  readonly messages: (level: string) => string[];
}

/** A refresh of scripted feeds of these names over an engine, and what a test asks of it. */
export function rig(...names: string[]): RefreshRig {
  const feeds = names.map((name) => new ScriptedFeed(name));
  const log = new MemoryLog();
  const clock = new SteppingClock(now);
  const realTime = new SteppingRealTime();
  const catalogue = new IndicatorCatalogue(1_000);
  const options = engineOptions({ ...usualSetting, excludedRanges: [] });
  const engine = new Engine(options, { firstBoundary: now, warmUntil: null });
  const turns = { count: 0 };
  const refresh = new Refresh({
    feeds: feeds.map((feed) => ({ feed, settings: feed.settings })),
    catalogue,
    minConfidence: 75,
    excluded: new RangeSet([]),
    refreshIntervalMs,
    clock,
    realTime,
    yieldTurn: () => {
      turns.count += 1;
      return Promise.resolve();
    },
    log,
    onFailure: () => undefined,
  });
  void refresh.join(engine);
  const poll = (at: number, answer: FeedUpdate | WholeUpdate): Promise<FeedError | null> => {
    const feed = feeds[at]!;
    feed.answers.push(answer);
    return refresh.poll(feed, feed.settings, new AbortController().signal);
  };
  const hits = (text: string): number => engine.index.lookup(parseAddress(text)!).length;
  const stored = async (): Promise<StoredFeed[]> => {
    const exported: StoredFeed[] = [];
    for (const { name, cursor } of refresh.persisted())
      exported.push({ name, cursor, bytes: (await refresh.exportFeed(name))! });
    return exported;
  };
  const messages = (level: string): string[] =>
    log.lines.filter((line) => line.level === level).map(({ message }) => message);
  return { feeds, log, clock, realTime, catalogue, engine, refresh, poll, hits, stored, messages, turns };
}
