import { loadConfig, type Config } from '../config/config.ts';
import { readFeeds, secretsOfFeeds, type FeedSettings } from '../config/feeds.ts';
import { secretsOf } from '../config/secrets.ts';

export interface ServiceConfiguration {
  readonly config: Config;
  readonly feeds: readonly FeedSettings[];
  /** Texts that must not leave the process. */
  readonly secrets: readonly string[];
  readonly unknown: readonly string[];
}

/** Reads the whole configuration; all its problems at once when it has any. */
export function readConfiguration(
  environment: Readonly<Record<string, string | undefined>>,
): ServiceConfiguration | { readonly problems: readonly string[]; readonly unknown: readonly string[] } {
  const { config, problems, unknown } = loadConfig(environment);
  const feedsText = config?.feeds ?? environment['TI_FEEDS'] ?? null;
  const read = feedsText === null ? { feeds: [], problems: [] } : readFeeds(feedsText);
  if (config === null || read.problems.length > 0) return { problems: [...problems, ...read.problems], unknown };
  return { config, feeds: read.feeds, secrets: [...secretsOf(config), ...secretsOfFeeds(read.feeds)], unknown };
}
