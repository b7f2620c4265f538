import { FileAlertSink } from './adapters/file/alert-sink.ts';
import { StdoutAlertSink } from './adapters/stdout/alert-sink.ts';
import type { SinkFormat, SinkSettings } from './config/sinks.ts';
import { formatNative, type AlertFormat } from './core/alert/format/alert-format.ts';
import type { AlertSink } from './core/ports.ts';

const formats: Readonly<Record<SinkFormat, AlertFormat>> = { native: formatNative };

/** The sink that a setting of SINKS describes. */
export function createSink(sink: SinkSettings): AlertSink {
  const format = formats[sink.format];
  switch (sink.type) {
    case 'stdout':
      return new StdoutAlertSink(sink.name, format, process.stdout);
    case 'file':
      return new FileAlertSink(sink, format);
  }
}
