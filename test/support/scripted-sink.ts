import type { Alert } from '../../src/core/alert/alert.ts';
import { formatNative } from '../../src/core/alert/format/alert-format.ts';
import { unlimitedBytes, type AlertSink, type SinkDocument, type SinkLimits } from '../../src/core/ports.ts';

/** What a sink does with one delivery: takes it (after a while), or fails, having taken the first so many. */
export interface SinkStep {
  readonly fails?: Error;
  readonly takes?: number;
  readonly slow?: () => Promise<void>;
}

/** A sink that does what it is told to, one step a delivery, and takes everything when nothing is left to do. */
export class ScriptedSink implements AlertSink {
  readonly name = 'scripted';
  limits: SinkLimits = { batchMax: 10, ...unlimitedBytes };
  readonly taken: SinkDocument[] = [];
  /** How many documents each delivery had. */
  readonly sizes: number[] = [];
  readonly steps: SinkStep[] = [];
  /** Tells what a document always leads to. */
  verdict: (document: SinkDocument) => Error | null = () => null;
  wants: (alert: Alert) => boolean = () => true;

  encode(alert: Alert): string | null {
    return this.wants(alert) ? formatNative(alert) : null;
  }

  async deliver(documents: readonly SinkDocument[]): Promise<void> {
    this.sizes.push(documents.length);
    const step = this.steps.shift() ?? {};
    await step.slow?.();
    const verdicts = documents.map(this.verdict);
    const refused = verdicts.findIndex((verdict) => verdict !== null);
    const failure = step.fails ?? verdicts[refused] ?? null;
    const takes = step.fails !== undefined ? (step.takes ?? 0) : refused === -1 ? documents.length : 0;
    this.taken.push(...documents.slice(0, takes));
    if (failure !== null) throw failure;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
