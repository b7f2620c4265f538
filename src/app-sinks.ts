import { FileAlertSink } from './adapters/file/alert-sink.ts';
import { StdoutAlertSink } from './adapters/stdout/alert-sink.ts';
import type { SinkFormat, SinkSettings } from './config/sinks.ts';
import { nativeFormat, type MediaFormat } from './core/alert/format/alert-format.ts';
import { cloudEventsFormat } from './core/alert/format/cloudevents.ts';
import { ecsFormat } from './core/alert/format/ecs.ts';
import { ocsfFormat } from './core/alert/format/ocsf.ts';
import type { AlertSink } from './core/ports.ts';

const formats: Readonly<Record<SinkFormat, MediaFormat>> = {
  native: nativeFormat,
  ocsf: ocsfFormat,
  ecs: ecsFormat,
  cloudevents: cloudEventsFormat,
};

/** The sink that a setting of SINKS describes. */
export function createSink(sink: SinkSettings): AlertSink {
  const format = formats[sink.format].render;
  switch (sink.type) {
    case 'stdout':
      return new StdoutAlertSink(sink.name, format, process.stdout);
    case 'file':
      return new FileAlertSink(sink, format);
  }
}
