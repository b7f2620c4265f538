import type { Clock, Origin, PartitionStatus, Positions, RealTime } from '../../src/core/ports.ts';
import { originKey } from '../../src/core/ports.ts';
import type { SharedEventSource, SharedSourceListener } from '../../src/core/shared-event-source.ts';
import type { Random } from '../../src/dev/traffic/random.ts';
import { dueClaims } from './memory-balance.ts';
import { MemoryClaim } from './memory-claim.ts';
import type { MemoryHub } from './memory-hub.ts';

export interface MemorySharedSourceOptions {
  readonly hubs: readonly MemoryHub[];
  readonly identifier: string;
  readonly clock: Clock;
  readonly time: RealTime;
  readonly random: Random;
  /** How long ownership outlives its last renewal, in true milliseconds. */
  readonly expiryMs: number;
  /** Distance of renewals and claims. */
  readonly cycleMs: number;
  /** Most milliseconds between two looks at a partition that is caught up. */
  readonly lookMs: number;
  readonly batchMax: number;
  /** How long a partition that was released is not claimed. */
  readonly releaseMs: number;
  /** Share of batches of which some events come a second time. */
  readonly redelivery: number;
}

/** One process's reading of hubs in memory whose partitions it shares with others, with faults to order. */
export class MemorySharedSource implements SharedEventSource {
  /** Whether requests to the storage fail: nothing is renewed or claimed, and nobody is seen. */
  storageFails = false;
  readonly #options: MemorySharedSourceOptions;
  readonly #claims = new Map<string, MemoryClaim>();
  readonly #heldOff = new Map<string, number>();
  readonly #ended = new AbortController();
  #begun: { readonly listener: SharedSourceListener; readonly readFromMs: number } | null = null;
  #stopped: PromiseWithResolvers<null> | null = null;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: MemorySharedSourceOptions) {
    this.#options = options;
  }

  /** Stops the process, as SIGSTOP or, without a resume(), SIGKILL does: nothing of this side runs any more. */
  suspend(): void {
    this.#stopped ??= Promise.withResolvers<null>();
  }

  resume(): void {
    this.#stopped?.resolve(null);
    this.#stopped = null;
  }

  /** Resolves when the process runs. */
  async running(): Promise<void> {
    while (this.#stopped !== null) await this.#stopped.promise;
  }

  async start(listener: SharedSourceListener, readFromMs: number): Promise<void> {
    await this.running();
    this.#begun = { listener, readFromMs };
    listener.onPartitions(this.#options.hubs.flatMap((hub) => hub.origins()));
    this.#loop = this.#run();
  }

  checkpoint(positions: Positions): void {
    for (const hub of this.#options.hubs) {
      for (const origin of hub.origins()) {
        const position = positions.get(originKey(origin));
        const owner = this.#ownerOf(hub, origin.partition);
        const mine = owner === this.#options.identifier || (owner === null && this.#ended.signal.aborted);
        if (position === undefined || !mine || this.storageFails) continue;
        const before = hub.checkpointOf(origin.partition)?.sequenceNumber ?? -1;
        if (position.sequenceNumber > before) hub.checkpoints.set(originKey(origin), position);
      }
    }
  }

  release(origin: Origin): void {
    const key = originKey(origin);
    const claim = this.#claims.get(key);
    const hub = this.#options.hubs.find((each) => each.hub === origin.hub && each.namespace === origin.namespace);
    if (claim === undefined || claim.isLost || hub === undefined) return;
    this.#heldOff.set(key, this.#options.time.nowMs() + this.#options.releaseMs);
    if (this.#ownerOf(hub, origin.partition) === this.#options.identifier) this.#giveAway(hub, origin.partition);
    claim.lose();
  }

  status(): readonly PartitionStatus[] {
    return this.#options.hubs.flatMap((hub) =>
      hub.origins().map((origin) => {
        const claim = this.#claims.get(originKey(origin));
        const owned = claim?.isOpen === true;
        const position = owned ? claim.position : null;
        const last = hub.events(origin.partition).at(-1);
        return {
          origin,
          owner: this.#ownerOf(hub, origin.partition),
          owned,
          position,
          lagEvents: owned ? (last?.sequenceNumber ?? -1) - (position?.sequenceNumber ?? -1) : null,
          lagSeconds: null,
          lastProgressMs: owned ? claim.progressMs : null,
          lastReadMs: owned ? claim.progressMs : null,
          seesSinceMs: null,
          error: null,
        };
      }),
    );
  }

  errors(): ReturnType<SharedEventSource['errors']> {
    return [];
  }

  async stop(): Promise<void> {
    this.#ended.abort();
    const claims = [...this.#claims.values()];
    for (const claim of claims) claim.lose();
    await Promise.all([this.#loop, ...claims.map(({ done }) => done)]);
    for (const hub of this.#options.hubs) {
      for (const id of hub.partitions) if (this.#ownerOf(hub, id) === this.#options.identifier) this.#giveAway(hub, id);
    }
  }

  #ownerOf(hub: MemoryHub, partition: string): string | null {
    const owner = hub.owners.get(partition)?.owner ?? '';
    return owner === '' ? null : owner;
  }

  #giveAway(hub: MemoryHub, partition: string): void {
    hub.owners.set(partition, { owner: '', renewedAt: this.#options.time.nowMs() });
  }

  async #run(): Promise<void> {
    const { time, cycleMs, random, hubs } = this.#options;
    const { signal } = this.#ended;
    while (!signal.aborted) {
      if (!this.storageFails) for (const hub of hubs) this.#balance(hub);
      await time.delay(cycleMs + random.between(0, Math.ceil(cycleMs / 20)), signal);
      await this.running();
    }
  }

  /** Finds what was lost, renews what is ours, and takes what is due to us. */
  #balance(hub: MemoryHub): void {
    const { identifier, time, expiryMs, random } = this.#options;
    const renewedAt = time.nowMs();
    for (const [key, claim] of this.#claims) {
      if (claim.hub !== hub) continue;
      const foreign = this.#ownerOf(hub, claim.origin.partition) !== identifier;
      if (foreign || key !== originKey(hub.origin(claim.origin.partition))) claim.lose();
    }
    for (const partition of hub.partitions) {
      if (this.#ownerOf(hub, partition) !== identifier) continue;
      hub.owners.set(partition, { owner: identifier, renewedAt });
      this.#claim(hub, partition);
    }
    const live = new Map(
      [...hub.owners].flatMap(([id, { owner, renewedAt: at }]): (readonly [string, string])[] =>
        owner === '' || renewedAt - at >= expiryMs ? [] : [[id, owner]],
      ),
    );
    for (const partition of dueClaims(identifier, live, hub.partitions, random)) {
      const heldOffUntil = this.#heldOff.get(originKey(hub.origin(partition))) ?? Number.NEGATIVE_INFINITY;
      if (renewedAt < heldOffUntil) continue;
      hub.owners.set(partition, { owner: identifier, renewedAt });
      this.#claim(hub, partition);
    }
  }

  #claim(hub: MemoryHub, partition: string): void {
    const origin = hub.origin(partition);
    const key = originKey(origin);
    const before = this.#claims.get(key);
    if (before?.isLost === false || this.#begun === null || this.#ended.signal.aborted) return;
    const after = before?.done ?? Promise.resolve();
    const running = (): Promise<void> => this.running();
    this.#claims.set(key, new MemoryClaim({ ...this.#options, ...this.#begun, hub, origin, after, running }));
  }
}
