import { DefaultAzureCredential } from '@azure/identity';
import { BlobAlertSink } from './adapters/blob/alert-sink.ts';
import type { StorageAccess } from './adapters/blob/container.ts';
import { EventHubAlertSink } from './adapters/event-hubs/alert-sink.ts';
import type { EventHubStream } from './adapters/event-hubs/connection.ts';
import { FileAlertSink } from './adapters/file/alert-sink.ts';
import { SentinelAlertSink } from './adapters/sentinel/alert-sink.ts';
import { StdoutAlertSink } from './adapters/stdout/alert-sink.ts';
import { realTime } from './adapters/system/clock.ts';
import { SightingSink } from './adapters/taxii/sighting-sink.ts';
import { HttpSink, type HttpTarget } from './adapters/webhook/http-sink.ts';
import {
  alertmanagerTarget,
  pagerdutyTarget,
  slackTarget,
  teamsTarget,
  webhookTarget,
} from './adapters/webhook/targets.ts';
import type { EventHubsSinkSettings } from './config/event-hubs-sink.ts';
import { type FeedSettings, sightingFeeds } from './config/feeds.ts';
import type { HttpSinkSettings, SinkFormat, SinkSettings } from './config/sinks.ts';
import { nativeFormat, type MediaFormat } from './core/alert/format/alert-format.ts';
import { cloudEventsFormat } from './core/alert/format/cloudevents.ts';
import { ecsFormat } from './core/alert/format/ecs.ts';
import { ocsfFormat } from './core/alert/format/ocsf.ts';
import { skippingSilenced } from './core/alert/silenced-skip.ts';
import type { AlertSink, Clock } from './core/ports.ts';
import { type Probe, reached } from './pipeline/probe.ts';

const formats: Readonly<Record<SinkFormat, MediaFormat>> = {
  native: nativeFormat,
  ocsf: ocsfFormat,
  ecs: ecsFormat,
  cloudevents: cloudEventsFormat,
};

/** What the sinks share with the rest of the service. */
export interface SinkWorld {
  readonly clock: Clock;
  /** How the namespace of the service is reached, and the option that says so. */
  readonly eventHubs: () => Pick<EventHubStream, 'connection' | 'connectionOption'>;
  readonly storage: () => StorageAccess;
  readonly storageContainer: string;
}

/** The hub of a sink, with the names of the settings that mend it. */
function streamOf(sink: EventHubsSinkSettings, { eventHubs }: SinkWorld): EventHubStream {
  const { name: sinkName, hub: name, connectionString, namespace } = sink;
  const hubOption = `hub of ${sinkName} in SINKS`;
  if (connectionString !== null) {
    const connectionOption = `connectionString of ${sinkName} in SINKS`;
    return { name, hubOption, connection: { connectionString }, connectionOption };
  }
  if (namespace !== null) {
    const connection = { namespace, credential: new DefaultAzureCredential() };
    return { name, hubOption, connection, connectionOption: `namespace of ${sinkName} in SINKS` };
  }
  return { name, hubOption, ...eventHubs() };
}

/** The sink that a setting of SINKS describes. */
function createSink(sink: SinkSettings, world: SinkWorld): AlertSink {
  const format = formats[sink.format].render;
  switch (sink.type) {
    case 'stdout':
      return new StdoutAlertSink(sink.name, format, process.stdout);
    case 'file':
      return new FileAlertSink(sink, format);
    case 'event-hubs':
      return new EventHubAlertSink(sink.name, streamOf(sink, world), format, realTime);
    case 'blob': {
      const settings = { ...sink, container: sink.container ?? world.storageContainer };
      return new BlobAlertSink(settings, format, { access: world.storage(), clock: world.clock });
    }
    case 'sentinel':
      return new SentinelAlertSink(sink, new DefaultAzureCredential(), world.clock);
    case 'webhook':
    case 'slack':
    case 'teams':
    case 'pagerduty':
    case 'alertmanager':
      return new HttpSink(sink, targetOf(sink), { clock: world.clock, realTime });
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
export function createSinks(
  sinks: readonly SinkSettings[],
  feeds: readonly FeedSettings[],
  world: SinkWorld,
): AlertSink[] {
  const { clock } = world;
  const toFeeds = sightingFeeds(feeds).map(
    ({ feed, sightings }) => new SightingSink(feed, sightings, { clock, realTime }),
  );
  const own = sinks.map((settings) => {
    const sink = createSink(settings, world);
    return settings.silenced === 'skip' ? skippingSilenced(sink) : sink;
  });
  return [...own, ...toFeeds];
}

/** A try of each sink that sends nothing which reads as an alert. */
export function sinkProbes(sinks: readonly AlertSink[], signal: AbortSignal): Probe[] {
  return sinks.map((sink) => ({
    name: `sink ${sink.name}`,
    run: async () => {
      if (sink.check === undefined) return reached('not tried, as that would send something: see sinks test');
      try {
        return reached(await sink.check(signal));
      } finally {
        await sink.close();
      }
    },
  }));
}
