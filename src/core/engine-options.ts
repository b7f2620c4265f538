import type { Digest } from './alert/alert-id.ts';
import type { LinkSettings } from './alert/links.ts';
import type { SeverityPolicy } from './alert/severity.ts';
import type { ObservationRules } from './decode/observe.ts';
import type { StoreBounds } from './window/window-store.ts';

export interface EngineBounds extends StoreBounds {
  readonly deduplicateMaxBytes: number;
  readonly deferredMax: number;
  readonly outboxMax: number;
  /** Silences that the API may add. */
  readonly silencesMax: number;
}

export interface EngineOptions {
  readonly lookbackMs: number;
  readonly hopMs: number;
  readonly flushDelayMs: number;
  readonly flushMaxWaitMs: number;
  readonly deduplicate: boolean;
  /** Whether a flush emits every row, as the rule itself does, or only those with news. */
  readonly repeats: boolean;
  readonly severityPolicy: SeverityPolicy;
  readonly links: LinkSettings;
  readonly observation: ObservationRules;
  readonly bounds: EngineBounds;
  readonly sinks: readonly string[];
  readonly recentAlertsMax: number;
  readonly digest: Digest;
  /** Whether alerts wait in the outbox until a cut that holds them is committed. */
  readonly isDurable: boolean;
}

/** Where an engine begins. */
export interface EngineStart {
  /** The first boundary it flushes. */
  readonly firstBoundary: number;
  /** Enqueued time up to which it only catches up, null when there is nothing to catch up with. */
  readonly warmUntil: number | null;
}
