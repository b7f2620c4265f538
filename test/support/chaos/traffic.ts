import { setTimeout as pause } from 'node:timers/promises';
import { eventTime, HOUR_MS } from '../../../src/core/time.ts';
import { hubNames } from '../../../src/dev/stack.ts';
import { Random } from '../../../src/dev/traffic/random.ts';
import type { Json } from '../azure-bodies.ts';
import { activityRecord, bodyOf, servicePrincipalRecord, signInRecord } from '../e2e/incident-records.ts';
import { Publishing } from '../e2e/publishing.ts';
import { partitionsPerHub, type Sea } from './sea.ts';
import { callers, listed, unknown } from './world-addresses.ts';

const minuteMs = 60_000;

/** True time between two messages, and before a message is sent again. */
const usualPauseMs = 250;

/** How often a caller is one that nobody has met: its first match makes the next commit one that an alert waits for. */
const newCallers = 0.3;

/** Gives up early on a broker that is away: the message is sent again. */
const quick = { retryOptions: { maxRetries: 0, timeoutInMs: 4000 } } as const;

interface Message {
  readonly hub: string;
  readonly partition: string;
  readonly body: string;
}

/** Publishes records through the real client until it is stopped: what, where and how late follows from the seed. */
export class Traffic {
  readonly #sea: Sea;
  readonly #pauseMs: number;
  readonly #random: Random;
  readonly #publishing: Publishing;
  readonly #ended = new AbortController();
  #work: Promise<void> = Promise.resolve();
  #met = 0;
  /** Addresses that turn up beside those that always do. */
  extra: string[] = [];
  /** Messages that the broker has acknowledged. */
  published = 0;

  constructor(sea: Sea, seed: number, pauseMs = usualPauseMs) {
    this.#pauseMs = pauseMs;
    this.#sea = sea;
    this.#random = new Random(`traffic ${seed}`);
    this.#publishing = new Publishing(sea.broker.connectionString, quick);
  }

  start(): void {
    this.#work = this.#run();
  }

  /** Lets the message under way be acknowledged, and publishes no other. */
  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#work;
    await this.#publishing.stop();
  }

  async #run(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      await this.#publish(this.#message());
      await pause(this.#pauseMs);
    }
  }

  /** Sends a message until it is acknowledged. One whose acknowledgement was lost is in the hub twice. */
  async #publish({ hub, partition, body }: Message): Promise<void> {
    for (;;) {
      try {
        await this.#publishing.publish(hub, partition, [body]);
        this.published += 1;
        return;
      } catch {
        await this.#publishing.stop().catch(() => undefined);
        await pause(usualPauseMs);
      }
    }
  }

  #message(): Message {
    const random = this.#random;
    const kind = random.pick(['activity', 'activity', 'activity', 'signIn', 'servicePrincipal'] as const);
    const records = Array.from({ length: random.between(1, 3) }, () => this.#record(kind));
    const partition = String(random.between(0, partitionsPerHub - 1));
    return { hub: hubNames[kind], partition, body: bodyOf(...records) };
  }

  #record(kind: 'activity' | 'signIn' | 'servicePrincipal'): Json {
    const random = this.#random;
    const address = random.pick([...listed, ...listed, ...unknown, ...this.extra]);
    const principal = kind === 'activity' && random.chance(newCallers) ? this.#newCaller() : random.pick(callers);
    const options = { ...this.#time(), address, principal };
    if (kind === 'activity') return activityRecord(options);
    if (kind === 'servicePrincipal') return servicePrincipalRecord({ ...options, principal: 'sp-deploy-payments' });
    return signInRecord(options, { riskLevelAggregated: random.pick(['none', 'low', 'medium', 'high']) });
  }

  #newCaller(): string {
    this.#met += 1;
    return `guest-${this.#met}@fabrikam.example`;
  }

  /** Mostly minutes ago, sometimes hours, sometimes at a boundary or a tick beside it, sometimes ahead of its time. */
  #time(): { readonly at: number; readonly ticks?: number } {
    const random = this.#random;
    const { now } = this.#sea;
    const draw = random.fraction();
    if (draw < 0.7) return { at: now - random.between(0, 5 * minuteMs) };
    if (draw < 0.85) return { at: now - random.between(0, 150 * minuteMs) };
    if (draw < 0.92) return { at: now + random.between(0, 10 * minuteMs) };
    const boundary = Math.floor(now / HOUR_MS) * HOUR_MS;
    const ticks = random.between(-1, 1);
    return ticks < 0 ? { at: eventTime(boundary - 1).ms, ticks: 9999 } : { at: boundary, ticks };
  }
}
