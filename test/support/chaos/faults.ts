import { setTimeout as pause } from 'node:timers/promises';
import { boundaryAfter } from '../e2e/flush-rows.ts';
import type { ChaosRun } from './chaos-run.ts';
import type { Fault } from './fault.ts';
import type { Life } from './lives.ts';
import { chaosHubs } from './sea.ts';
import { flushDelayMs } from './setting.ts';
import type { Effect, Rule } from './storage-proxy.ts';
import type { RequestKind } from './storage-request.ts';

/** How long a fault point is waited for. */
const pointMs = 90_000;

/** How far the other partitions run ahead of the flush that a stalled one holds up. */
const aheadMs = 30 * 60_000;

type Of<Kind extends Fault['kind']> = Extract<Fault, { readonly kind: Kind }>;

/** Makes things go wrong in a run. */
export class Faults {
  readonly #run: ChaosRun;

  constructor(run: ChaosRun) {
    this.#run = run;
  }

  /** Resolves when it has gone wrong; whether the service recovers is for the run to see. */
  async happen(fault: Fault): Promise<void> {
    switch (fault.kind) {
      case 'kill at':
        return this.#killAt(fault);
      case 'kill taking over at':
        return this.#killTakingOver(fault);
      case 'kill at sink':
        return this.#killAtSink(fault);
      case 'kill after':
        await pause(fault.ms);
        return this.#kill();
      case 'storage answers':
        return this.#during(fault.ms, { kind: 'answer', status: fault.status, code: fault.code });
      case 'storage silent':
        return this.#during(fault.ms, { kind: 'silence' });
      case 'answers lost':
        return this.#loseAnswers(fault);
      case 'state truncated':
        return this.#truncate();
      case 'killed while a partition stalls':
        return this.#killWhileStalled(fault);
      case 'suspended':
        return this.#suspend();
      case 'killed before a standby':
        return this.#killBeforeStandby();
      case 'stopped':
        return this.#stop();
      case 'feed changes':
        return this.#changeFeed();
      case 'feed fails':
        this.#run.sea.failFeed(fault.status, fault.times);
        return;
      case 'storage stopped':
      case 'broker killed':
      case 'broker frozen':
      case 'connections dropped':
        return this.#disturb(fault);
    }
  }

  /** Faults of the sea alone. */
  async #disturb(
    fault: Of<'storage stopped'> | Of<'broker killed'> | Of<'broker frozen'> | Of<'connections dropped'>,
  ): Promise<void> {
    const { azurite, broker } = this.#run.sea;
    if (fault.kind === 'connections dropped') {
      for (let time = 0; time < fault.times; time += 1) {
        await broker.fault('destroySockets');
        await pause(200);
      }
    } else if (fault.kind === 'storage stopped') {
      await azurite.stop();
      await pause(fault.ms);
      await azurite.startAgain();
    } else if (fault.kind === 'broker killed') {
      await broker.kill();
      await pause(fault.ms);
      await broker.startAgain();
    } else {
      await broker.fault('freeze');
      await pause(fault.ms);
      await broker.fault('thaw');
    }
  }

  async #killAt({ request, when, skip }: Of<'kill at'>): Promise<void> {
    const { lives } = this.#run;
    const armed = this.#run.proxy.arm({ request, skip, times: 1, effect: { kind: 'kill', when } });
    this.#provoke(request);
    await this.#ends(lives.current, `the request ${request}`);
    armed.disarm();
    await this.#startAgain();
  }

  async #killTakingOver({ request, when }: Of<'kill taking over at'>): Promise<void> {
    await this.#kill(false);
    await this.#run.freeLease();
    const armed = this.#run.proxy.arm({ request, skip: 0, times: 1, effect: { kind: 'kill', when } });
    // It may be killed before it listens.
    await this.#run.lives.start().catch(() => undefined);
    await this.#ends(this.#run.lives.current, `the request ${request}`);
    armed.disarm();
    await this.#startAgain();
  }

  async #killAtSink({ sink }: Of<'kill at sink'>): Promise<void> {
    const { lives, shore } = this.#run;
    if (shore === null) throw new TypeError(`Cannot kill at ${sink} as the run has no such sink`);
    shore.onRequest = (asked) => {
      if (asked === sink) lives.kill();
    };
    await this.#ends(lives.current, `the request to ${sink}`);
    shore.onRequest = () => undefined;
    await this.#startAgain();
  }

  /** Makes a request that does not come by itself come. */
  #provoke(request: RequestKind): void {
    const { sea, intelligence } = this.#run;
    if (request === 'feed') sea.publishIndicators([intelligence.noise(sea.now)]);
  }

  async #kill(startsAgain = true): Promise<void> {
    const { lives } = this.#run;
    lives.kill();
    await lives.service.process.ended();
    if (startsAgain) await this.#startAgain();
  }

  async #startAgain(): Promise<void> {
    await this.#run.freeLease();
    await this.#run.lives.start();
  }

  async #ends(life: Life, what: string): Promise<void> {
    const limit = new AbortController();
    const late = pause(pointMs, 'late', { signal: limit.signal }).catch(() => 'ended');
    const ended = await Promise.race([life.service.process.ended(), late]);
    limit.abort();
    if (ended === 'late')
      throw new Error(`Cannot kill at ${what} as it did not come\n${life.service.process.report()}`);
  }

  async #during(ms: number, effect: Effect): Promise<void> {
    const armed = this.#run.proxy.arm({ request: null, skip: 0, times: Number.POSITIVE_INFINITY, effect });
    await pause(ms);
    armed.disarm();
  }

  async #loseAnswers({ request, times }: Of<'answers lost'>): Promise<void> {
    const rule: Rule = { request, skip: 0, times, effect: { kind: 'disconnect', when: 'after' } };
    const armed = this.#run.proxy.arm(rule);
    this.#provoke(request);
    await this.#run.lives.service.eventually(`${times} lost answers`, () => (armed.hits === times ? true : undefined));
    armed.disarm();
  }

  async #truncate(): Promise<void> {
    const { lives, sea, damaged } = this.#run;
    await lives.goesOn(2);
    await this.#kill(false);
    const previous = (await sea.azurite.head())?.previous;
    if (previous == null) throw new Error('Cannot truncate the state as there is no earlier one to fall back to');
    damaged.push({ fromMs: previous.takenMs, toMs: sea.now });
    this.#run.log(`truncated ${await sea.azurite.truncateNewest()}`);
    await this.#startAgain();
  }

  async #killWhileStalled({ hub, partition }: Of<'killed while a partition stalls'>): Promise<void> {
    const { lives, sea } = this.#run;
    const stalled = { hub: chaosHubs[hub], partition: String(partition) };
    await sea.broker.fault('stall', stalled);
    const cut = boundaryAfter(sea.now - flushDelayMs) + flushDelayMs;
    await sea.clock.sleepUntil(cut + aheadMs, new AbortController().signal);
    await lives.goesOn();
    await this.#kill(false);
    await sea.broker.fault('unstall', stalled);
    await this.#startAgain();
  }

  /** Starts a second process, waits until it stands by, and hands out the active one. */
  async #standby(): Promise<Life> {
    const { lives } = this.#run;
    const active = lives.current;
    const standby = await lives.start();
    await standby.service.eventually('the standby to stand by', async () => {
      const [lease] = (await standby.service.health()).checks['lease:state'] ?? [];
      return lease?.observedValue === 'standby' ? true : undefined;
    });
    return active;
  }

  async #suspend(): Promise<void> {
    const active = await this.#standby();
    active.service.process.signal('SIGSTOP');
    await this.#run.recovers();
    await this.#run.lives.goesOn(2);
    // What it flushes from here on is never committed.
    active.flushesMax = active.service.flushLines().length;
    active.service.process.signal('SIGCONT');
    const code = await active.service.process.ended();
    if (code === 0 || code === null)
      throw new Error(`Cannot see that a process which lost its lease failed: it ended with ${code ?? 'a signal'}`);
  }

  async #killBeforeStandby(): Promise<void> {
    const active = await this.#standby();
    active.service.process.signal('SIGKILL');
    await active.service.process.ended();
  }

  async #stop(): Promise<void> {
    const { lives } = this.#run;
    const code = await lives.service.stop();
    if (code !== 0) throw new Error(`Cannot stop the service in good order: it ended with ${code ?? 'a signal'}`);
    await lives.start();
  }

  /** Changes what the feed says of one address, and waits until an alert shows that the service knows. */
  async #changeFeed(): Promise<void> {
    const { sea, intelligence, lives } = this.#run;
    const { address, adds, object } = intelligence.change(sea.now);
    const shows = adds ? 'create' : 'close';
    sea.publishIndicators([object]);
    await lives.service.eventually(`an alert that the feed changed about ${address}`, () =>
      lives
        .alerts()
        .some(
          ({ ip, activity, closeReason }) =>
            ip === address && activity === shows && (adds || closeReason === 'indicator-revoked'),
        )
        ? true
        : undefined,
    );
  }
}
