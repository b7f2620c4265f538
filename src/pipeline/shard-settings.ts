import type { EngineBounds } from '../core/engine-options.ts';
import type { ServiceSettings } from './service.ts';

/**
 * What one of so many shards runs by. Each bound is shared out among all shards, so that it holds for a process that
 * comes to hold every one.
 */
export function shardSettings({ engine, ...settings }: ServiceSettings, shards: number): ServiceSettings {
  const share = (bound: number): number => Math.max(1, Math.floor(bound / shards));
  const bounds: EngineBounds = {
    candidateMaxBytes: share(engine.bounds.candidateMaxBytes),
    pinnedMaxBytes: share(engine.bounds.pinnedMaxBytes),
    deduplicateMaxBytes: share(engine.bounds.deduplicateMaxBytes),
    evictionMarksMax: share(engine.bounds.evictionMarksMax),
    deferredMax: share(engine.bounds.deferredMax),
    outboxMax: share(engine.bounds.outboxMax),
    // Every shard holds all that the file names.
    silencesMax: engine.bounds.silencesMax,
  };
  return { ...settings, engine: { ...engine, bounds, recentAlertsMax: share(engine.recentAlertsMax) } };
}
