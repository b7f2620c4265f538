import { StateStoreError, type HeldLease, type Lease, type LeaseRecord, type RealTime } from '../../src/core/ports.ts';
import { KeptLease } from '../../src/pipeline/kept-lease.ts';
import { MemoryLog } from './memory-log.ts';

/** What the service that keeps a lease knows of it. */
export class MemoryLeasePlace {
  readonly #realTime: RealTime;
  #holder: { readonly token: object; readonly name: string; untilMs: number } | null = null;

  constructor(realTime: RealTime) {
    this.#realTime = realTime;
  }

  /** Name of the holder, null when the lease is free. */
  holder(): string | null {
    if (this.#holder !== null && this.#realTime.nowMs() >= this.#holder.untilMs) this.#holder = null;
    return this.#holder?.name ?? null;
  }

  /** Takes or renews; false when another holds it. */
  take(token: object, name: string, durationMs: number): boolean {
    if (this.holder() !== null && this.#holder?.token !== token) return false;
    this.#holder = { token, name, untilMs: this.#realTime.nowMs() + durationMs };
    return true;
  }

  renew(token: object, durationMs: number): boolean {
    if (this.holder() === null || this.#holder?.token !== token) return false;
    this.#holder.untilMs = this.#realTime.nowMs() + durationMs;
    return true;
  }

  free(token: object): void {
    if (this.#holder?.token === token) this.#holder = null;
  }

  /** Frees the lease whoever holds it, as an operator may: the holder's next renewal is refused. */
  breakHeld(): void {
    this.#holder = null;
  }
}

export interface MemoryLeaseOptions {
  readonly identifier: string;
  readonly durationMs: number;
  readonly realTime: RealTime;
  readonly seizeAfterMs?: number;
}

/** A lease in memory, one process's side of it, with faults to order. */
export class MemoryLease implements Lease {
  /** Whether requests fail, as without a network. */
  unreachable = false;
  /** What a request waits for before it takes effect, and before its answer arrives. */
  latency: () => Promise<void> = () => Promise.resolve();
  readonly log = new MemoryLog();
  readonly #lease: KeptLease;
  #stopped: { readonly promise: Promise<unknown>; readonly resolve: (value: null) => void } | null = null;

  constructor(place: MemoryLeasePlace, { identifier, durationMs, realTime, ...seizing }: MemoryLeaseOptions) {
    const token = {};
    const record: LeaseRecord = {
      take: () =>
        this.#request(() =>
          place.take(token, identifier, durationMs) ? { taken: true } : { taken: false, holder: place.holder() ?? '' },
        ),
      renew: () => this.#request(() => place.renew(token, durationMs)),
      free: () => this.#request(() => place.free(token)),
      break: () => this.#request(() => place.breakHeld()),
    };
    const ownTime: RealTime = {
      nowMs: () => realTime.nowMs(),
      delay: async (ms, signal) => {
        await realTime.delay(ms, signal);
        await this.#stopped?.promise;
      },
    };
    this.#lease = new KeptLease(record, { durationMs, realTime: ownTime, log: this.log, ...seizing });
  }

  /** Stops the process, as SIGSTOP or, without a resume(), SIGKILL does: nothing of this side runs any more. */
  suspend(): void {
    this.#stopped ??= Promise.withResolvers<null>();
  }

  /** Lets a process that was stopped run again. */
  resume(): void {
    this.#stopped?.resolve(null);
    this.#stopped = null;
  }

  acquire(signal: AbortSignal, onWait: (holder: string) => void): Promise<HeldLease | null> {
    return this.#lease.acquire(signal, onWait);
  }

  async #request<T>(effect: () => T): Promise<T> {
    await this.latency();
    await this.#stopped?.promise;
    if (this.unreachable) throw new StateStoreError('unavailable', 'Cannot reach the lease: the test ordered it', null);
    const answer = effect();
    await this.latency();
    await this.#stopped?.promise;
    return answer;
  }
}
