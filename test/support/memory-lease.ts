import { LeaseTerm } from '../../src/core/lease-term.ts';
import type { HeldLease, Lease, RealTime } from '../../src/core/ports.ts';

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
}

/** Milliseconds between two attempts to take a lease that another holds. */
const pollMs = 1000;

/** A lease in memory, one process's side of it, with faults to order. */
export class MemoryLease implements Lease {
  /** Whether requests fail, as without a network. */
  unreachable = false;
  /** What a request waits for before it takes effect, and before its answer arrives. */
  latency: () => Promise<void> = () => Promise.resolve();
  readonly #place: MemoryLeasePlace;
  readonly #options: MemoryLeaseOptions;
  #stopped: { readonly promise: Promise<unknown>; readonly resolve: (value: null) => void } | null = null;

  constructor(place: MemoryLeasePlace, options: MemoryLeaseOptions) {
    this.#place = place;
    this.#options = options;
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

  async acquire(signal: AbortSignal, onWait: (holder: string) => void): Promise<HeldLease | null> {
    const { identifier, durationMs, realTime } = this.#options;
    const token = {};
    let told = false;
    while (!isAborted(signal)) {
      const startedMs = realTime.nowMs();
      const taken = await this.#request(() => this.#place.take(token, identifier, durationMs));
      if (taken === true) {
        const term = new LeaseTerm(durationMs, startedMs);
        if (!isAborted(signal) && !term.isOver(realTime.nowMs())) return this.#held(token, term);
        await this.#request(() => (this.#place.free(token), true));
        continue;
      }
      const holder = this.#place.holder();
      if (taken === false && holder !== null && !told) {
        told = true;
        onWait(holder);
      }
      await realTime.delay(pollMs, signal);
      await this.#stopped?.promise;
    }
    return null;
  }

  #held(token: object, term: LeaseTerm): HeldLease {
    const { realTime } = this.#options;
    const lost = new AbortController();
    const ended = new AbortController();
    const check = (): void => {
      if (!term.isOver(realTime.nowMs()) || ended.signal.aborted) return;
      ended.abort();
      lost.abort(new Error('Cannot go on: the lease was not renewed within its duration'));
    };
    void this.#watch(term, ended, check);
    void this.#keep(token, term, ended, lost);
    return {
      get lost() {
        check();
        return lost.signal;
      },
      release: async () => {
        if (ended.signal.aborted) return;
        ended.abort();
        await this.#request(() => (this.#place.free(token), true));
      },
    };
  }

  async #watch(term: LeaseTerm, ended: AbortController, check: () => void): Promise<void> {
    const { realTime } = this.#options;
    while (!ended.signal.aborted) {
      await realTime.delay(term.leftMs(realTime.nowMs()), ended.signal);
      await this.#stopped?.promise;
      check();
    }
  }

  async #keep(token: object, term: LeaseTerm, ended: AbortController, lost: AbortController): Promise<void> {
    const { durationMs, realTime } = this.#options;
    while (!ended.signal.aborted) {
      await realTime.delay(term.pauseMs(realTime.nowMs()), ended.signal);
      await this.#stopped?.promise;
      if (isAborted(ended.signal)) return;
      const startedMs = realTime.nowMs();
      const kept = await this.#request(() => this.#place.renew(token, durationMs));
      if (kept === true) term.renewed(startedMs);
      else if (kept === null) term.failed(realTime.nowMs());
      else if (!isAborted(ended.signal)) {
        ended.abort();
        lost.abort(new Error('Cannot go on: the lease is held by another'));
      }
    }
  }

  /** What the service answers, null when it cannot be reached. */
  async #request(effect: () => boolean): Promise<boolean | null> {
    await this.latency();
    await this.#stopped?.promise;
    if (this.unreachable) return null;
    const answer = effect();
    await this.latency();
    await this.#stopped?.promise;
    return answer;
  }
}

/** Asked through a function, as the signal changes while the caller waits. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
