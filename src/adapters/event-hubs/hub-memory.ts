import type { Origin, Position, Positions } from '../../core/ports.ts';

/**
 * How far the incarnation of a hub may lie behind its created_at and still name that hub: each time that numbers start
 * again under one created_at (the official emulator forgets its events, azure-event-hubs-emulator-installer#58), the
 * incarnation goes on by 1.
 */
const incarnationsPerHub = 1000;

/** Whether an incarnation is one of the hub that was created at that instant. */
export function belongsTo(incarnation: number, createdMs: number): boolean {
  return incarnation >= createdMs && incarnation < createdMs + incarnationsPerHub;
}

/** What the restored state knows of one hub: its positions, by incarnation and partition. */
export class HubMemory {
  readonly #byIncarnation = new Map<number, Map<string, Position>>();

  constructor(restored: Positions, { namespace, hub }: Pick<Origin, 'namespace' | 'hub'>) {
    const prefix = `${namespace}/${hub}/`;
    for (const [key, position] of restored) {
      const at = key.lastIndexOf('@');
      const incarnation = Number(key.slice(at + 1));
      if (!key.startsWith(prefix) || at < prefix.length || !Number.isSafeInteger(incarnation)) continue;
      this.#of(incarnation).set(key.slice(prefix.length, at), position);
    }
  }

  /** The newest incarnation of a hub that was created at that instant, null when only others are known, or none. */
  incarnationOf(createdMs: number): number | null {
    const known = [...this.#byIncarnation.keys()];
    const same = known.filter((each) => belongsTo(each, createdMs));
    return same.length === 0 ? null : Math.max(...same);
  }

  /** The newest incarnation known, null for none. */
  newest(): number | null {
    return this.#byIncarnation.size === 0 ? null : Math.max(...this.#byIncarnation.keys());
  }

  /** An incarnation that no position belongs to, for a hub that was created at that instant and starts again. */
  another(createdMs: number): number {
    let incarnation = createdMs;
    while (this.#byIncarnation.has(incarnation)) incarnation += 1;
    return incarnation;
  }

  /** Positions by partition; empty for an incarnation that is not known. */
  positions(incarnation: number): ReadonlyMap<string, Position> {
    return this.#byIncarnation.get(incarnation) ?? new Map<string, Position>();
  }

  /** Makes an incarnation known that is read from now on. */
  add(incarnation: number): void {
    this.#of(incarnation);
  }

  #of(incarnation: number): Map<string, Position> {
    const known = this.#byIncarnation.get(incarnation);
    if (known !== undefined) return known;
    const added = new Map<string, Position>();
    this.#byIncarnation.set(incarnation, added);
    return added;
  }
}
