import { yieldTurn } from '../../src/adapters/system/clock.ts';
import { HttpSink, type HttpSettings, type HttpTarget } from '../../src/adapters/webhook/http-sink.ts';
import type { OpenFinding } from '../../src/core/alert/open-finding.ts';
import { Outbox } from '../../src/core/alert/outbox.ts';
import { Delivery } from '../../src/pipeline/deliver.ts';
import { AlertTarget, type TargetProtocol } from './alert-target.ts';
import { HurriedTime } from './hurried-time.ts';
import { MemoryLog } from './memory-log.ts';
import { anAlert } from './sample-alert.ts';
import { MemoryDeadLetterStore } from './simulation/memory-dead-letter-store.ts';
import { SteppingClock } from './stepping-clock.ts';

export const START_MS = Date.parse('2026-03-01T12:00:00Z');

/** A service, a sink that posts to it, and the loop that delivers from an outbox. */
export class HttpSinkRig {
  readonly target: AlertTarget;
  readonly sink: HttpSink;
  readonly delivery: Delivery;
  readonly outbox: Outbox;
  readonly letters = new MemoryDeadLetterStore(() => false);
  readonly time = new HurriedTime();
  readonly clock = new SteppingClock(START_MS);
  readonly log = new MemoryLog();
  readonly open: OpenFinding[] = [];

  private constructor(target: AlertTarget, path: string, service: HttpTarget, changes: Partial<HttpSettings>) {
    this.target = target;
    const settings = {
      name: 'rig',
      url: `${target.origin}${path}`,
      headers: {},
      allowPrivate: true,
      timeoutMs: 2000,
      ...changes,
    };
    this.sink = new HttpSink(settings, service, { clock: this.clock, realTime: this.time });
    this.outbox = new Outbox(['rig'], 1000, false);
    this.delivery = new Delivery({
      outbox: this.outbox,
      sink: this.sink,
      deadLetters: () => this.letters,
      waitingMax: 1000,
      openFindings: () => this.open,
      clock: this.clock,
      realTime: this.time,
      random: () => 0,
      log: this.log,
      onDelivered: () => undefined,
      onSkipped: () => undefined,
      onFailed: () => undefined,
      onUndelivered: () => undefined,
    });
  }

  static async start(
    protocol: TargetProtocol,
    path: string,
    service: HttpTarget,
    changes: Partial<HttpSettings> = {},
  ): Promise<HttpSinkRig> {
    return new HttpSinkRig(await AlertTarget.start(protocol), path, service, changes);
  }

  /** Alerts of three findings in turns; answers their ids. */
  emit(count: number): string[] {
    return Array.from({ length: count }, (_, at) => {
      const id = `id-${this.outbox.last + 1}`;
      this.outbox.append(
        anAlert({ id, findingKey: `finding-${at % 3}`, caller: id, activity: at < 3 ? 'create' : 'update' }),
      );
      return id;
    });
  }

  /** Lets the delivery loop run until a condition holds. */
  async until(condition: () => boolean): Promise<void> {
    const ending = new AbortController();
    const running = this.delivery.run(ending.signal);
    while (!condition()) await yieldTurn();
    ending.abort();
    await running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sink.close();
    await this.target.down();
  }
}
