import { createRequire } from 'node:module';
import { Receiver, ReceiverEvents, type EventContext } from 'rhea-promise';

/**
 * Bounds what Event Hubs may push into this process. With each cycle @azure/event-hubs 6.0.4 adds credit for a whole
 * prefetch on top of what the link still has (azure-sdk-for-js#39452), so a handler that waits finds tens of thousands
 * of events in memory. Here credit is topped up instead, and prefetch is bounded by bytes too. To be removed when a
 * release bounds it.
 */
interface LinkState {
  /** Events that may be queued or under way: the prefetchCount of the subscription, as its first request shows it. */
  prefetch: number;
  /** Mean bytes of the link's events, null before the first. */
  meanBytes: number | null;
}

/** Events asked for before the link's event size is known: 32 of the largest, 1 MiB, are still within reason. */
const firstCredit = 32;

/** Weight of the newest event in the mean size. */
const newestWeight = 1 / 16;

interface Credit {
  /** What the client wants to add: prefetch − queued. */
  readonly wanted: number;
  /** Credit that the link still has. */
  readonly outstanding: number;
  readonly prefetch: number;
  readonly meanBytes: number | null;
  /** Bytes of bodies that may be queued or under way. */
  readonly limitBytes: number;
}

/** Credit to add so that queued and outstanding events stay within prefetch and bytes; never below 0. */
export function creditToAdd({ wanted, outstanding, prefetch, meanBytes, limitBytes }: Credit): number {
  const queued = Math.max(0, prefetch - wanted);
  const fitting = meanBytes === null ? firstCredit : Math.floor(limitBytes / Math.max(1, meanBytes));
  const allowed = Math.min(prefetch, Math.max(2, fitting));
  return Math.max(0, allowed - queued - outstanding);
}

let limitBytes: number | null = null;
let timesApplied = 0;
const links = new WeakMap<Receiver, LinkState>();

function bodyBytes(context: EventContext): number {
  const body: unknown = context.message?.body;
  const content: unknown = typeof body === 'object' && body !== null && 'content' in body ? body.content : body;
  if (content instanceof Uint8Array) return content.byteLength;
  return typeof content === 'string' ? content.length : 1024;
}

function stateOf(receiver: Receiver): LinkState {
  const known = links.get(receiver);
  if (known !== undefined) return known;
  const state: LinkState = { prefetch: 0, meanBytes: null };
  links.set(receiver, state);
  receiver.on(ReceiverEvents.message, (context) => {
    const bytes = bodyBytes(context);
    const mean = state.meanBytes ?? bytes;
    state.meanBytes = mean + (bytes - mean) * newestWeight;
  });
  return state;
}

/** The rhea-promise that @azure/event-hubs and its @azure/core-amqp load, seen from where they are installed. */
function receiversOfSdk(): { readonly of: string; readonly receiver: unknown }[] {
  const sdk = createRequire(import.meta.resolve('@azure/event-hubs'));
  const amqp = createRequire(sdk.resolve('@azure/core-amqp'));
  return [
    { of: '@azure/event-hubs', receiver: receiverIn(sdk) },
    { of: '@azure/core-amqp', receiver: receiverIn(amqp) },
  ];
}

function receiverIn(load: NodeJS.Require): unknown {
  const loaded: unknown = load('rhea-promise');
  return typeof loaded === 'object' && loaded !== null && 'Receiver' in loaded ? loaded.Receiver : undefined;
}

/**
 * Sets the limit for every link of this process: bytes of bodies that may be queued or under way per partition. Throws
 * when the class it bounds is not the one that the SDK uses, as with a second copy of rhea-promise in node_modules:
 * reading would work, and run out of memory one day.
 */
export function limitCredit(bytesPerLink: number): void {
  const stranger = receiversOfSdk().find(({ receiver }) => receiver !== Receiver);
  if (stranger !== undefined) {
    throw new Error(
      `Cannot bound the prefetch as ${stranger.of} uses another copy of rhea-promise: install one version of it (npm ls rhea-promise)`,
    );
  }
  const first = limitBytes === null;
  limitBytes = bytesPerLink;
  if (first) boundAddCredit();
}

function boundAddCredit(): void {
  const addCredit: unknown = Object.getOwnPropertyDescriptor(Receiver.prototype, 'addCredit')?.value;
  if (typeof addCredit !== 'function') {
    throw new Error('Cannot bound the prefetch as Receiver of rhea-promise has no addCredit: pin rhea-promise 3.0.3');
  }
  Receiver.prototype.addCredit = function (this: Receiver, wanted: number): void {
    timesApplied += 1;
    const state = stateOf(this);
    state.prefetch = Math.max(state.prefetch, wanted);
    const added = creditToAdd({ ...state, wanted, outstanding: this.credit, limitBytes: limitBytes ?? Infinity });
    if (added > 0) Reflect.apply(addCredit, this, [added]);
  };
}

/** Whether the SDK has ever asked for credit through the bounded class: false once it has read means it goes round it. */
export function creditLimitApplies(): boolean {
  return timesApplied > 0;
}
