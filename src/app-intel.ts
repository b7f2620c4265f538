import { createAllowListSource } from './adapters/allow-list-file/source.ts';
import { createStixFileFeed, probeStixFileFeed } from './adapters/stix-file/feed.ts';
import { createTaxiiFeed } from './adapters/taxii/feed.ts';
import { probeTaxiiFeed } from './adapters/taxii/probe.ts';
import type { RuleConfig } from './config/config.ts';
import type { FeedSettings } from './config/feeds.ts';
import type { AllowListSource } from './core/intel/allow-list-source.ts';
import type { Clock, IndicatorFeed, Log } from './core/ports.ts';
import { allowListProbe } from './pipeline/allow-list-probe.ts';
import { failed, feedReached, type Probe } from './pipeline/probe.ts';

export function createFeed(feed: FeedSettings, clock: Clock, log: Log): IndicatorFeed {
  return feed.type === 'taxii' ? createTaxiiFeed(feed, { clock, log }) : createStixFileFeed(feed);
}

export function allowListSources({ allowLists }: Pick<RuleConfig, 'allowLists'>): AllowListSource[] {
  return (allowLists ?? []).map(createAllowListSource);
}

/** A try of each feed and each allow list, as the service will use it. */
export function intelProbes(
  config: Pick<RuleConfig, 'allowLists'>,
  feeds: readonly FeedSettings[],
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  signal: AbortSignal,
): Probe[] {
  const probes = feeds.map((feed) => ({
    name: `feed ${feed.name}`,
    run: async () => {
      const result =
        feed.type === 'taxii'
          ? await probeTaxiiFeed(feed, { clock, log }, signal)
          : await probeStixFileFeed(feed, signal);
      return result.ok ? feedReached(result) : failed(result.error);
    },
  }));
  return [...probes, ...allowListSources(config).map(allowListProbe)];
}
