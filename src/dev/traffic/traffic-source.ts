import type { Actor } from './actor.ts';
import { privateAddress, withPort } from './address-pool.ts';
import type { GeneratedMessage } from './message.ts';
import type { Population } from './population.ts';
import type { Random } from './random.ts';
import type { TrafficFaults, TrafficRates } from './rates.ts';

/** One kind of emitter. What it emits for a slot is a function of its settings and the slot alone. */
export interface TrafficSource {
  readonly slotMs: number;
  /** Messages of the events that happen in [startMs, startMs + slotMs); each enqueued at or after its events. */
  slot(startMs: number): GeneratedMessage[];
}

export interface SourceSettings {
  readonly seed: number;
  readonly population: Population;
  readonly rates: TrafficRates;
  readonly faults: TrafficFaults;
  readonly watched: WatchedAddresses;
}

/** Addresses that a share of the callers comes from, for traffic that must match threat intelligence. */
export interface WatchedAddresses {
  readonly addresses: readonly string[];
  readonly share: number;
}

/** Share of callers inside virtual networks. */
const privateShare = 0.06;
/** Share of addresses that come with a port. */
const portShare = 0.01;

/** The address of a caller as a record delivers it. */
export function callerAddress(actor: Actor, watched: WatchedAddresses, random: Random): string {
  if (watched.addresses.length > 0 && random.chance(watched.share)) return random.pick(watched.addresses);
  if (random.chance(privateShare)) return privateAddress(random);
  const [usual] = actor.addresses;
  const address = usual !== undefined && random.chance(0.6) ? usual : random.pick(actor.addresses);
  return random.chance(portShare) ? withPort(address, random) : address;
}

/** The messages with a late copy after those that are delivered twice, and stragglers put off. */
export function disturb(
  messages: readonly GeneratedMessage[],
  faults: TrafficFaults,
  random: Random,
): GeneratedMessage[] {
  return messages.flatMap((message) => {
    const delay = random.chance(faults.straggler) ? random.between(120_000, 1_200_000) : 0;
    const first = { ...message, enqueuedMs: message.enqueuedMs + delay };
    if (!random.chance(faults.duplicate)) return [first];
    return [first, { ...first, enqueuedMs: first.enqueuedMs + random.between(1_000, 300_000) }];
  });
}
