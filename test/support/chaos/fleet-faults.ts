import { setTimeout as pause } from 'node:timers/promises';
import type { Alert } from '../../../src/core/alert/alert.ts';
import { Random } from '../../../src/dev/traffic/random.ts';
import type { FleetRun } from './fleet-run.ts';
import type { Replica } from './replicas.ts';
import type { Effect } from './storage-proxy.ts';

/** Something that goes wrong in a fleet. A victim is the number of a living replica, counted round. */
export type FleetFault =
  /** SIGKILL; another starts when its shards have been taken. */
  | { readonly kind: 'killed'; readonly victim: number }
  /** SIGKILL of two at once; two others start. */
  | { readonly kind: 'two killed'; readonly victim: number }
  /** SIGKILL, and another starts at once. */
  | { readonly kind: 'killed and replaced'; readonly victim: number }
  /** SIGSTOP until its shards have been taken, then SIGCONT. */
  | { readonly kind: 'suspended'; readonly victim: number }
  /** SIGSTOP for less than anyone waits. */
  | { readonly kind: 'paused'; readonly victim: number; readonly ms: number }
  /** SIGTERM; another starts when its shards have been taken. */
  | { readonly kind: 'left'; readonly victim: number }
  /** One more joins, and one leaves when it has its share. */
  | { readonly kind: 'joined'; readonly victim: number }
  | { readonly kind: 'storage answers'; readonly status: number; readonly code: string; readonly ms: number }
  | { readonly kind: 'storage silent'; readonly ms: number }
  | { readonly kind: 'storage stopped'; readonly ms: number }
  | { readonly kind: 'broker killed'; readonly ms: number }
  | { readonly kind: 'connections dropped'; readonly times: number }
  | { readonly kind: 'feed changes' };

/** One line that names a fault with everything about it. */
export function describeFleetFault({ kind, ...rest }: FleetFault): string {
  const details = Object.entries(rest).map(([name, value]) => `${name} ${String(value)}`);
  return [kind, ...details].join(', ');
}

/** So many faults, drawn from the seed. */
export function randomFleetFaults(seed: number, count: number): readonly FleetFault[] {
  const random = new Random(`fleet ${seed}`);
  return Array.from({ length: count }, () => randomFault(random));
}

function randomFault(random: Random): FleetFault {
  const victim = random.between(0, 7);
  const ms = random.between(500, 12_000);
  return random.pick<() => FleetFault>([
    () => ({ kind: 'killed', victim }),
    () => ({ kind: 'killed', victim }),
    () => ({ kind: 'two killed', victim }),
    () => ({ kind: 'killed and replaced', victim }),
    () => ({ kind: 'suspended', victim }),
    () => ({ kind: 'paused', victim, ms }),
    () => ({ kind: 'left', victim }),
    () => ({ kind: 'joined', victim }),
    () => ({ kind: 'storage answers', ...random.pick(refusals), ms }),
    () => ({ kind: 'storage silent', ms }),
    () => ({ kind: 'storage stopped', ms: random.between(1000, 25_000) }),
    () => ({ kind: 'broker killed', ms }),
    () => ({ kind: 'connections dropped', times: random.between(1, 4) }),
    () => ({ kind: 'feed changes' }),
  ])();
}

const refusals = [
  { status: 503, code: 'ServerBusy' },
  { status: 403, code: 'AuthenticationFailed' },
] as const;

/** Makes things go wrong in a fleet. */
export class FleetFaults {
  readonly #run: FleetRun;

  constructor(run: FleetRun) {
    this.#run = run;
  }

  /** Resolves when it has gone wrong; whether the fleet recovers is for the run to see. */
  async happen(fault: FleetFault): Promise<void> {
    const { sea } = this.#run;
    switch (fault.kind) {
      case 'killed':
        await this.#goes('killed', this.#victim(fault.victim), (victim) => this.#kill([victim]));
        await this.#join(1);
        await this.#balanced();
        return;
      case 'two killed':
        await this.#kill([this.#victim(fault.victim), this.#victim(fault.victim + 1)]);
        await this.#join(2);
        return;
      case 'killed and replaced':
        await this.#kill([this.#victim(fault.victim)]);
        await this.#join(1);
        return;
      case 'suspended':
        return this.#suspend(this.#victim(fault.victim));
      case 'paused':
        return this.#pause(this.#victim(fault.victim), fault.ms);
      case 'left':
        await this.#goes('left', this.#victim(fault.victim), (victim) => this.#leave(victim));
        await this.#join(1);
        await this.#balanced();
        return;
      case 'joined':
        return this.#exchange(fault.victim);
      case 'storage answers':
        return this.#during(fault.ms, { kind: 'answer', status: fault.status, code: fault.code });
      case 'storage silent':
        return this.#during(fault.ms, { kind: 'silence' });
      case 'storage stopped':
        await sea.azurite.stop();
        await pause(fault.ms);
        await sea.azurite.startAgain();
        return;
      case 'broker killed':
        await sea.broker.kill();
        await pause(fault.ms);
        await sea.broker.startAgain();
        return;
      case 'connections dropped':
        for (let time = 0; time < fault.times; time += 1) {
          await sea.broker.fault('destroySockets');
          await pause(200);
        }
        return;
      case 'feed changes':
        return this.#changeFeed();
    }
  }

  #victim(number: number): Replica {
    const { alive } = this.#run.replicas;
    const victim = alive[number % alive.length];
    if (victim === undefined) throw new TypeError('Cannot harm a replica as none is alive');
    return victim;
  }

  async #kill(victims: readonly Replica[]): Promise<void> {
    for (const { service } of victims) service.process.signal('SIGKILL');
    await Promise.all(victims.map(({ service }) => service.process.ended()));
  }

  async #join(count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, () => this.#run.replicas.join()));
  }

  /** Lets a replica go, waits until others have taken over, and notes how long each of its shards waited for that. */
  async #goes(how: 'killed' | 'left', victim: Replica, go: (victim: Replica) => Promise<void>): Promise<void> {
    const shards = victim.held();
    const goneMs = Date.now();
    await go(victim);
    await this.#run.recovers();
    const since = [...shards].map((shard) =>
      Math.max(...this.#run.replicas.alive.map((replica) => replica.heldSinceMs(shard) ?? 0)),
    );
    const gaps = since.map((ms) => (ms - goneMs) / 1000);
    this.#run.gaps[how].push(...gaps);
    this.#run.log(`${how}: its shards were held again after ${gaps.map((gap) => gap.toFixed(1)).join(', ')} s`);
  }

  /** Waits until every living replica holds some shard. */
  #balanced(): Promise<void> {
    const { replicas, options } = this.#run;
    const share = Math.floor(options.shards / replicas.alive.length);
    return this.#run.until('every replica to have its share', () =>
      replicas.alive.every((replica) => replica.held().size >= share),
    );
  }

  async #suspend(victim: Replica): Promise<void> {
    const { replicas, options } = this.#run;
    const others = replicas.alive.filter((replica) => replica !== victim);
    victim.service.process.signal('SIGSTOP');
    await this.#run.until('the others to take over', () => {
      const held = new Set(others.flatMap((replica) => [...replica.held()]));
      return held.size === options.shards;
    });
    await pause(1000);
    victim.resume();
    await this.#balanced();
  }

  async #pause({ service }: Replica, ms: number): Promise<void> {
    service.process.signal('SIGSTOP');
    // Well below what anyone waits for it.
    await pause(Math.min(ms, 3000));
    service.process.signal('SIGCONT');
  }

  async #leave({ service }: Replica): Promise<void> {
    const code = await service.stop();
    if (code !== 0) throw new Error(`Cannot stop a replica in good order: it ended with ${code ?? 'a signal'}`);
  }

  async #exchange(victim: number): Promise<void> {
    const leaver = this.#victim(victim);
    await this.#join(1);
    await this.#balanced();
    await this.#leave(leaver);
  }

  async #during(ms: number, effect: Effect): Promise<void> {
    const armed = this.#run.proxy.arm({ request: null, skip: 0, times: Number.POSITIVE_INFINITY, effect });
    await pause(ms);
    armed.disarm();
  }

  /** Changes what the feed says of one address, and waits until an alert shows that the fleet knows. */
  async #changeFeed(): Promise<void> {
    const { sea, intelligence, replicas } = this.#run;
    const { address, adds, object } = intelligence.change(sea.now);
    sea.publishIndicators([object]);
    await this.#run.until(`an alert that the feed changed about ${address}`, () =>
      replicas
        .delivered()
        .map((line) => JSON.parse(line) as Alert)
        .some(
          ({ ip, activity, closeReason }) =>
            ip === address && (adds ? activity === 'create' : closeReason === 'indicator-revoked'),
        ),
    );
  }
}
