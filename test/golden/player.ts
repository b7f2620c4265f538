import { type Config, loadConfig } from '../../src/config/config.ts';
import type { Alert } from '../../src/core/alert/alert.ts';
import { decodeMessage } from '../../src/core/decode/message.ts';
import { Engine } from '../../src/core/engine.ts';
import { IndicatorCatalogue } from '../../src/core/intel/catalogue.ts';
import type { SourceSettings } from '../../src/core/intel/indicator-reader.ts';
import { Tally } from '../../src/core/tally.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { drain, engineOptions, excludedSet } from '../support/engine-builder.ts';
import type { GoldenScenario } from './scenarios.ts';

const minuteMs = 60_000;
const origin = 'log/0';

const feed: SourceSettings = {
  name: 'dev',
  defaultConfidence: null,
  tlp: '',
  maxAgeMs: 365 * 24 * HOUR_MS,
  useDstRef: false,
};

export interface Played {
  /** In the order of their emission. */
  readonly alerts: readonly Alert[];
  readonly tally: Tally;
}

/**
 * Plays a scenario into an engine minute by minute with the defaults of the service: messages as they are enqueued,
 * intelligence as the feed gives it, flushes as they fall due, until the last record has left the window.
 */
export function play(scenario: GoldenScenario): Played {
  const { minConfidence, excludedRanges, lookback, flushDelay, activityStatuses } = defaults();
  const setting = {
    minConfidence,
    lookbackMs: lookback,
    flushDelayMs: flushDelay,
    excludedRanges,
    statuses: activityStatuses,
    deduplicate: true,
    optionalStreams: [],
    repeats: false,
  };
  const beginMs = Math.floor((scenario.startMs - 2 * HOUR_MS) / HOUR_MS) * HOUR_MS;
  const engine = new Engine(engineOptions(setting), { firstBoundary: beginMs + HOUR_MS, warmUntil: null });
  engine.watermarks.expect([origin], beginMs);
  const catalogue = new IndicatorCatalogue(100_000);
  const tally = new Tally();
  const alerts: Alert[] = [];
  let ordinal = 0;
  let sequenceNumber = 0;
  for (let now = beginMs; now <= scenario.startMs + 30 * HOUR_MS; now += minuteMs) {
    const fresh = scenario.intelligence.filter(
      (step) => step.atMs <= now && (now === beginMs || step.atMs > now - minuteMs),
    );
    for (const { objects } of fresh) {
      catalogue.apply(feed, objects, { full: false });
      const index = catalogue.build({ minConfidence, excluded: excludedSet(excludedRanges), ordinal: ++ordinal });
      engine.setIndex(index, (source, id, at) => catalogue.reasonGone(source, id, at, minConfidence), now);
    }
    engine.tick(now);
    while (sequenceNumber < scenario.messages.length && scenario.messages[sequenceNumber]!.enqueuedMs <= now) {
      const { body, enqueuedMs } = scenario.messages[sequenceNumber]!;
      engine.take({ origin, sequenceNumber, offset: '', enqueuedMs, decoded: decodeMessage(body) }, now, tally);
      sequenceNumber += 1;
    }
    engine.advanceWatermark(origin, now, now);
    for (let due = engine.dueFlush(now); due !== null; due = engine.dueFlush(now)) engine.flush(due, now);
    alerts.push(...drain(engine));
  }
  return { alerts, tally };
}

/** The configuration of a service that is told no more than it must. */
function defaults(): Config {
  const { config, problems } = loadConfig({
    EVENTHUB_NAMESPACE: 'tides.servicebus.windows.net',
    STORAGE_ACCOUNT_URL: 'https://tides.blob.core.windows.net',
    TI_FEEDS: JSON.stringify([{ name: feed.name, path: 'indicators.json' }]),
  });
  if (config === null) throw new Error(problems.join('; '));
  return config;
}
