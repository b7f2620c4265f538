import {
  CorrelationError,
  type CorrelationErrorCode,
  type CorrelationHub,
  type CorrelationSender,
} from '../../src/core/correlation-sender.ts';
import type { MemoryHub } from './memory-hub.ts';

export interface SendFault {
  /** Default "unreachable". */
  readonly code?: CorrelationErrorCode;
  readonly retryAfterMs?: number;
  /** Whether the hub takes the event all the same, as when its acknowledgement is lost. Default false. */
  readonly applied?: boolean;
}

const sizeMax = 1024 ** 2 - 1024;

/** A correlation sender on a hub in memory, with faults to order. */
export class MemoryCorrelationSender implements CorrelationSender {
  /** What a call waits for before it takes effect, and before its answer arrives. */
  before: (partition: string) => Promise<void> = () => Promise.resolve();
  after: (partition: string) => Promise<void> = () => Promise.resolve();
  /** What goes wrong with a send beside what failNext() ordered, asked right before it would take effect. */
  faultOf: (partition: string) => SendFault | null = () => null;
  readonly #hub: MemoryHub;
  readonly #inFlight = new Set<string>();
  readonly #faults: SendFault[] = [];
  #stopped: PromiseWithResolvers<null> | null = null;
  #closed = false;

  constructor(hub: MemoryHub) {
    this.#hub = hub;
  }

  /** The next `count` sends fail. Faults are used up in order. */
  failNext(count: number, fault: SendFault = {}): void {
    for (let each = 0; each < count; each++) this.#faults.push(fault);
  }

  /** Stops the process, as SIGSTOP or, without a resume(), SIGKILL does: nothing of this side runs any more. */
  suspend(): void {
    this.#stopped ??= Promise.withResolvers<null>();
  }

  resume(): void {
    this.#stopped?.resolve(null);
    this.#stopped = null;
  }

  async read(signal: AbortSignal): Promise<CorrelationHub> {
    await this.before('');
    await this.#stopped?.promise;
    this.#check(signal);
    const { namespace, hub, incarnation, partitions } = this.#hub;
    return { namespace, hub, incarnation, partitions };
  }

  /** Throws a plain error, which no caller expects, when a send of the partition is under way already. */
  async send(partition: string, body: Uint8Array, signal: AbortSignal): Promise<void> {
    if (this.#inFlight.has(partition)) throw new Error(`Cannot send to partition ${partition} twice at once`);
    this.#inFlight.add(partition);
    try {
      await this.before(partition);
      await this.#stopped?.promise;
      this.#take(partition, body, signal);
      await this.after(partition);
      await this.#stopped?.promise;
      // Whoever gave up meanwhile does not know that the hub took it.
      this.#check(signal);
    } finally {
      this.#inFlight.delete(partition);
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  #take(partition: string, body: Uint8Array, signal: AbortSignal): void {
    this.#check(signal);
    if (body.length > sizeMax) throw this.#error('too_large', { code: 'too_large' });
    if (!this.#hub.partitions.includes(partition)) throw this.#error('refused', { code: 'refused' });
    const fault = this.#faults.shift() ?? this.faultOf(partition);
    if (fault === null || fault.applied === true) this.#hub.append(partition, body);
    if (fault !== null) throw this.#error(fault.code ?? 'unreachable', fault);
  }

  #check(signal: AbortSignal): void {
    if (signal.aborted || this.#closed) throw this.#error('aborted', {});
  }

  #error(code: CorrelationErrorCode, { retryAfterMs }: SendFault): CorrelationError {
    const message = `Cannot send to hub ${this.#hub.hub}: the test ordered "${code}"`;
    return new CorrelationError(code, message, retryAfterMs === undefined ? {} : { retryAfterMs });
  }
}
