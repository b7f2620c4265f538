import { FileAlertSink } from './adapters/file/alert-sink.ts';
import { StdoutAlertSink } from './adapters/stdout/alert-sink.ts';
import { realTime } from './adapters/system/clock.ts';
import { probeSightings, SightingSink } from './adapters/taxii/sighting-sink.ts';
import { HttpSink, type HttpTarget } from './adapters/webhook/http-sink.ts';
import {
  alertmanagerTarget,
  pagerdutyTarget,
  slackTarget,
  teamsTarget,
  webhookTarget,
} from './adapters/webhook/targets.ts';
import { type FeedSettings, sightingFeeds } from './config/feeds.ts';
import type { HttpSinkSettings, SinkFormat, SinkSettings } from './config/sinks.ts';
import { nativeFormat, type MediaFormat } from './core/alert/format/alert-format.ts';
import { cloudEventsFormat } from './core/alert/format/cloudevents.ts';
import { ecsFormat } from './core/alert/format/ecs.ts';
import { ocsfFormat } from './core/alert/format/ocsf.ts';
import type { AlertSink, Clock } from './core/ports.ts';
import { failed, type Probe, reached } from './pipeline/probe.ts';

const formats: Readonly<Record<SinkFormat, MediaFormat>> = {
  native: nativeFormat,
  ocsf: ocsfFormat,
  ecs: ecsFormat,
  cloudevents: cloudEventsFormat,
};

/** The sink that a setting of SINKS describes. */
function createSink(sink: SinkSettings, clock: Clock): AlertSink {
  const format = formats[sink.format].render;
  switch (sink.type) {
    case 'stdout':
      return new StdoutAlertSink(sink.name, format, process.stdout);
    case 'file':
      return new FileAlertSink(sink, format);
    case 'webhook':
    case 'slack':
    case 'teams':
    case 'pagerduty':
    case 'alertmanager':
      return new HttpSink(sink, targetOf(sink), { clock, realTime });
  }
}

function targetOf(sink: HttpSinkSettings): HttpTarget {
  switch (sink.type) {
    case 'webhook':
      return webhookTarget(formats[sink.format], sink.secrets);
    case 'slack':
      return slackTarget();
    case 'teams':
      return teamsTarget();
    case 'pagerduty':
      return pagerdutyTarget(sink.routingKey);
    case 'alertmanager':
      return alertmanagerTarget(sink.remindMs);
  }
}

/** The sinks of SINKS, then those of the feeds that want sightings. */
export function createSinks(sinks: readonly SinkSettings[], feeds: readonly FeedSettings[], clock: Clock): AlertSink[] {
  const toFeeds = sightingFeeds(feeds).map(
    ({ feed, sightings }) => new SightingSink(feed, sightings, { clock, realTime }),
  );
  return [...sinks.map((sink) => createSink(sink, clock)), ...toFeeds];
}

/** A look at the collection of each feed that wants sightings. */
export function sightingProbes(feeds: readonly FeedSettings[], clock: Clock, signal: AbortSignal): Probe[] {
  return sightingFeeds(feeds).map(({ feed, sightings }) => ({
    name: `sightings ${feed.name}`,
    run: async () => {
      const result = await probeSightings(feed, sightings, { clock, realTime }, signal);
      return result.ok ? reached(result.detail) : failed(result.error);
    },
  }));
}
