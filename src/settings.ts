import type { Config, RuleConfig } from './config/config.ts';
import type { FeedSettings } from './config/feeds.ts';
import { parseCidr, RangeSet } from './core/address-range.ts';
import type { LinkSettings } from './core/alert/links.ts';
import type { SourceSettings } from './core/intel/indicator-reader.ts';
import { fold } from './core/observation.ts';
import type { Stream } from './core/record.ts';
import type { ReplayRule } from './pipeline/replay.ts';
import type { ServiceSettings } from './pipeline/service.ts';

/** The ranges of EXCLUDED_RANGES, which the configuration has checked. */
function excludedRanges(config: RuleConfig): RangeSet {
  return new RangeSet(config.excludedRanges.map((text) => parseCidr(text)).filter((range) => range !== null));
}

function enabledStreams(config: RuleConfig): ReadonlySet<Stream> {
  const streams: Stream[] = ['activity', 'sign_in', 'service_principal'];
  if (config.nonInteractiveHub !== null) streams.push('non_interactive');
  if (config.managedIdentityHub !== null) streams.push('managed_identity');
  return new Set(streams);
}

/** What the links of alerts begin with. */
export function linkSettings({ publicUrl, portalUrl }: RuleConfig): LinkSettings {
  return { serviceUrl: publicUrl, portalUrl };
}

function engineSettings(config: Config): ServiceSettings['engine'] {
  return {
    lookbackMs: config.lookback,
    hopMs: config.flushInterval,
    flushDelayMs: config.flushDelay,
    flushMaxWaitMs: config.flushMaxWait,
    deduplicate: config.deduplicate === 'on',
    repeats: config.alertRepeat === 'every-flush',
    severityPolicy: config.severityPolicy,
    links: linkSettings(config),
    observation: {
      excluded: excludedRanges(config),
      statuses: new Set(config.activityStatuses.map(fold)),
      streams: enabledStreams(config),
    },
    bounds: {
      candidateMaxBytes: config.candidateMaxBytes,
      pinnedMaxBytes: config.pinnedMaxBytes,
      deduplicateMaxBytes: config.deduplicateMaxBytes,
      evictionMarksMax: config.evictionMarksMax,
      deferredMax: config.deferredMax,
      outboxMax: config.outboxMax,
      silencesMax: config.silencesMax,
    },
    recentAlertsMax: config.recentAlertsMax,
  };
}

/** What the service runs by; `hubs` names each hub that will be read as its origins will. */
export function serviceSettings(config: Config, hubs: readonly string[]): ServiceSettings {
  return {
    engine: engineSettings(config),
    minConfidence: config.minConfidence,
    refreshIntervalMs: config.refreshInterval,
    startTimeoutMs: config.startTimeout,
    indicatorsMax: config.indicatorsMax,
    maxClockSkewMs: config.maxClockSkew,
    snapshotIntervalMs: config.snapshotInterval,
    hubs,
  };
}

/** The rule as a replay applies it. */
export function replayRule(config: RuleConfig): ReplayRule {
  return {
    lookbackMs: config.lookback,
    hopMs: config.flushInterval,
    minConfidence: config.minConfidence,
    excluded: excludedRanges(config),
    statuses: config.activityStatuses,
    streams: enabledStreams(config),
    deduplicate: config.deduplicate === 'on',
    repeats: config.alertRepeat === 'every-flush',
    severityPolicy: config.severityPolicy,
    links: linkSettings(config),
  };
}

/** How the indicators of a feed are read. */
export function sourceSettings(feed: FeedSettings, config: Pick<Config, 'indicatorMaxAge'>): SourceSettings {
  const { name, defaultConfidence, tlp, useDstRef, weight, allowRevocation, decay, allowRedDescription } = feed;
  const policy = { weight, allowRevocation, decay, allowRedDescription };
  return { name, defaultConfidence, tlp, useDstRef, maxAgeMs: feed.maxAgeMs ?? config.indicatorMaxAge, ...policy };
}
