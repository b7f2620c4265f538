import { formatAddress } from '../../../src/core/address.ts';
import { observe } from '../../../src/core/decode/observe.ts';
import { isEarly } from '../../../src/core/early.ts';
import { fold, type Observation } from '../../../src/core/observation.ts';
import type { AzureRecord } from '../../../src/core/record.ts';
import { eventTime, HOUR_MS, paneEnd } from '../../../src/core/time.ts';
import { engineOptions } from '../engine-builder.ts';
import type { World } from './world.ts';

/** A record that counts, and when. */
export interface Counting {
  readonly observation: Observation;
  /** Canonical text of its address. */
  readonly ip: string;
  /** Caller and address of an activity, by which findings are told apart; null for a sign-in. */
  readonly pair: string | null;
  /** The boundary that closes the hour it happened in. */
  readonly paneEnd: number;
  /** The first flush whose cut it was enqueued before and whose window reaches its hour. */
  readonly firstFlush: number;
  /** What it adds, named so that what is known already adds nothing. */
  readonly adds: readonly string[];
}

export function pairOf(caller: string, ip: string): string {
  return `${fold(caller)} ${ip}`;
}

/** Canonical text of the address of a pair. */
export function addressOf(pair: string): string {
  return pair.slice(pair.lastIndexOf(' ') + 1);
}

/** Reads what a record adds to the evidence about its address; null when it counts for nothing. */
export function countingOf(record: AzureRecord, enqueuedMs: number, place: string, world: World): Counting | null {
  const { flushDelayMs, deduplicate } = world.options;
  const rules = engineOptions({ ...world.options, repeats: false }).observation;
  const observation = observe(record, enqueuedMs, rules);
  if (typeof observation === 'string') return null;
  const time = isEarly(observation.time, enqueuedMs) ? eventTime(enqueuedMs) : observation.time;
  const end = paneEnd(time, HOUR_MS);
  const ip = formatAddress(observation.address);
  const identity = (deduplicate ? observation.identity : null) ?? place;
  const pair = observation.kind === 'activity' ? pairOf(observation.caller, ip) : null;
  return {
    observation,
    ip,
    pair,
    paneEnd: end,
    firstFlush: Math.max(end, Math.ceil((enqueuedMs - flushDelayMs) / HOUR_MS) * HOUR_MS),
    adds: [identity, ...members(observation)].map((name) => `${pair ?? ip} ${observation.kind} ${name}`),
  };
}

/** The members that a record adds to the sets of a row. */
function members(observation: Observation): string[] {
  const columns: readonly [string, string][] =
    observation.kind === 'activity'
      ? [
          ['operation', observation.operation],
          ['subscription', observation.subscriptionId],
          ['group', observation.resourceGroup],
          ['resource', observation.resourceId],
        ]
      : [['principal', observation.principal]];
  return columns.filter(([, text]) => text !== '').map(([column, text]) => `${column}: ${fold(text)}`);
}
