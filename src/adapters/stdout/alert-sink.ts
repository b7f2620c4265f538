import type { Writable } from 'node:stream';
import type { AlertFormat } from '../../core/alert/format/alert-format.ts';
import { SinkError } from '../../core/alert/sink-error.ts';
import { unlimitedBytes, type AlertSink, type SinkDocument } from '../../core/ports.ts';
import { LineOutput } from './line-output.ts';

/** Writes alerts to standard output, one document a line. */
export class StdoutAlertSink implements AlertSink {
  readonly name: string;
  readonly limits = { batchMax: 1000, ...unlimitedBytes };
  readonly encode: AlertFormat;
  readonly #output: LineOutput;

  constructor(name: string, format: AlertFormat, stream: Writable) {
    this.name = name;
    this.encode = format;
    this.#output = new LineOutput(stream);
  }

  async deliver(documents: readonly SinkDocument[]): Promise<void> {
    try {
      await this.#output.write(documents.map(({ text }) => text));
    } catch (cause) {
      throw new SinkError('unavailable', cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }

  check(): Promise<string> {
    if (this.#output.isOpen) return Promise.resolve('standard output can be written');
    return Promise.reject(new SinkError('unavailable', 'Cannot write to standard output as it is closed'));
  }

  close(): Promise<void> {
    return this.#output.close();
  }
}
