import { originKey, type Origin } from '../ports.ts';
import type { RoutedHub } from './correlation-event.ts';

/**
 * The source partitions that a shard waits for: those of every hub that is configured, as routers tell of them. A hub
 * nobody has told of yet is waited for as a whole. Of two routers that differ, the one with the newer hub or with more
 * partitions knows better.
 */
export class KnownHubs {
  readonly #configured: ReadonlySet<string>;
  readonly #hubs = new Map<string, RoutedHub>();

  /** `configured` names each hub as namespace/hub. */
  constructor(configured: readonly string[]) {
    this.#configured = new Set(configured);
  }

  /** Origins that flushes wait for. */
  expected(): readonly string[] {
    const untold = [...this.#configured].filter((name) => !this.#hubs.has(name)).map((name) => `${name}/*`);
    return [...untold, ...[...this.#hubs.values()].flatMap((hub) => originsOf(hub).map(({ key }) => key))];
  }

  /** Takes what a router knows; true when something else is expected now. */
  learn(hubs: readonly RoutedHub[]): boolean {
    let isNews = false;
    for (const hub of hubs) {
      const name = `${hub.namespace}/${hub.hub}`;
      // A router of an earlier configuration, or its events read again, must not have flushes wait for what nobody reads.
      if (!this.#configured.has(name)) continue;
      const known = this.#hubs.get(name);
      if (known !== undefined && !knowsMore(hub, known)) continue;
      this.#hubs.set(name, hub);
      isNews = true;
    }
    return isNews;
  }
}

function knowsMore(hub: RoutedHub, known: RoutedHub): boolean {
  if (hub.incarnation !== known.incarnation) return hub.incarnation > known.incarnation;
  return hub.partitions.length > known.partitions.length;
}

/** Each partition of a hub by its origin, with the watermark told of it. */
export function originsOf({
  partitions,
  ...hub
}: RoutedHub): { readonly key: string; readonly ms: number | null; readonly seesSinceMs: number | null }[] {
  return partitions.map(({ partition, watermarkMs, seesSinceMs }) => {
    const origin: Origin = { ...hub, partition };
    return { key: originKey(origin), ms: watermarkMs, seesSinceMs };
  });
}
