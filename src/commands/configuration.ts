import { loadConfig, type Config } from '../config/config.ts';
import { eventHubsSinkProblems } from '../config/event-hubs-sink.ts';
import { readFeeds, secretsOfFeeds, type FeedSettings } from '../config/feeds.ts';
import { readSinks, secretsOfSinks, type SinkSettings } from '../config/sinks.ts';
import { secretsOf } from '../config/secrets.ts';
import { likelyOption } from '../config/unknown-names.ts';

export interface ServiceConfiguration {
  readonly config: Config;
  readonly feeds: readonly FeedSettings[];
  readonly sinks: readonly SinkSettings[];
  /** Texts that must not leave the process. */
  readonly secrets: readonly string[];
}

export interface ReadConfiguration {
  /** Null when there is a problem. */
  readonly service: ServiceConfiguration | null;
  /** All problems at once. */
  readonly problems: readonly string[];
  /** What to say of each variable that looks like one of ours and is none. */
  readonly misspelt: readonly string[];
}

/** Reads the whole configuration, or tells all of its problems at once. */
export function readConfiguration(environment: Readonly<Record<string, string | undefined>>): ReadConfiguration {
  const { config, problems: ofOptions, feedsText, sinksText, unknown } = loadConfig(environment);
  const none = { feeds: [], problems: [], variables: [] };
  const { feeds, problems: ofFeeds, variables } = feedsText === null ? none : readFeeds(feedsText, environment);
  const sinks = readSinks(sinksText, environment);
  const hubs = sinks.sinks.filter((sink) => sink.type === 'event-hubs');
  const joint = config === null ? [] : eventHubsSinkProblems(hubs, config);
  const problems = [...ofOptions, ...ofFeeds, ...sinks.problems, ...joint];
  const ours = new Set([...variables, ...sinks.variables]);
  const misspelt = unknown.filter((name) => !ours.has(name)).map(misspelling);
  if (config === null || problems.length > 0) return { service: null, problems, misspelt };
  const secrets = [...secretsOf(config), ...secretsOfFeeds(feeds), ...secretsOfSinks(sinks.sinks)];
  return { service: { config, feeds, sinks: sinks.sinks, secrets }, problems, misspelt };
}

function misspelling(name: string): string {
  const meant = likelyOption(name);
  const mend = meant === null ? 'is it misspelt?' : `is ${meant} meant?`;
  return `Cannot use ${name} as there is no such option: ${mend}`;
}
