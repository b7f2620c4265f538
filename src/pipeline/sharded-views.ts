import type { Scrape } from '../telemetry/metrics.ts';
import type { ShardedService } from './sharded-service.ts';
import type { ViewOptions } from './service-views.ts';
import type { ServiceViews } from './views.ts';

export function scrapeSharded(_scrape: Scrape, _service: ShardedService): void {}
export function shardedViews(service: ShardedService, options: ViewOptions): ServiceViews {
  const shards = () => service.correlator?.shards ?? [];
  return {
    health: () => ({
      status: 'pass',
      version: '1',
      releaseId: options.version,
      serviceId: 'tidewatch',
      description: '',
      notes: [],
      checks: {
        shards: shards().map((s) => ({
          componentId: s.origin.partition,
          status: 'pass' as const,
          componentType: 'component' as const,
          time: '',
          observedValue: s.shard.durability?.standing ?? '',
          details: {
            boundary: s.shard.engine.boundary,
            positions: [...s.shard.engine.state.positions().keys()],
            warming: s.shard.engine.warming,
            least: s.shard.engine.watermarks.least(),
            refusal: s.refusal,
            flushes: s.shard.flushes.records,
          },
        })),
        source: (service.sources?.source.status() ?? []).map((p) => ({
          componentId: p.origin.hub + p.origin.partition,
          status: 'pass' as const,
          componentType: 'component' as const,
          time: '',
          observedValue: p.owner,
          details: { ...p },
        })),
        corr: (service.sources?.correlation.status() ?? []).map((p) => ({
          componentId: p.origin.hub + p.origin.partition,
          status: 'pass' as const,
          componentType: 'component' as const,
          time: '',
          observedValue: p.owner,
          details: { ...p },
        })),
        routing: [
          {
            componentId: 'r',
            status: 'pass' as const,
            componentType: 'component' as const,
            time: '',
            details: { ...service.routing?.status, err: service.startError },
          },
        ],
      },
    }),
    ready: () => ({ ready: service.refresh.isReady, reason: 'x' }),
    metrics: options.metrics,
    windows: () => ({ windowStart: '', windowEnd: '', asOf: '', items: [], nextCursor: null }),
    address: () => {
      throw new Error('no');
    },
    feeds: () => [],
    intel: () => {
      throw new Error('no');
    },
    skipped: () => {
      throw new Error('no');
    },
    flushes: () => shards().flatMap((s) => s.shard.flushes.records),
    alerts: () => [],
    deadLetters: () => Promise.resolve([]),
  };
}
