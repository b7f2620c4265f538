import { Random } from '../../../src/dev/traffic/random.ts';
import type { Fault } from './fault.ts';
import { chaosHubs, partitionsPerHub } from './sea.ts';
import { askedSinks } from './shore.ts';
import type { Moment } from './storage-proxy.ts';
import type { RequestKind } from './storage-request.ts';

/** Where the state of a run is kept. */
export type Place = 'blob' | 'file';

const moments: readonly Moment[] = ['before', 'after'];

/** The steps of a commit and of what goes on beside it, in their order. */
const commitSteps: readonly RequestKind[] = ['state', 'feed', 'head', 'delete', 'checkpoint'];

/** The steps of taking over. */
const takingOver: readonly RequestKind[] = ['lease', 'read head', 'head', 'read state', 'ownership'];

const refusals = [
  { status: 503, code: 'ServerBusy' },
  { status: 403, code: 'AuthenticationFailed' },
  { status: 507, code: 'InsufficientStorage' },
  { status: 409, code: 'AccountBeingCreated' },
] as const;

/**
 * Kills that fall between every pair of steps of a commit: before the first, and after each; and one before the
 * head, with time for what must wait for it.
 */
const betweenSteps: readonly Fault[] = [
  { kind: 'kill at', request: 'state', when: 'before', skip: 0 },
  { kind: 'kill at', request: 'head', when: 'before', skip: 0 },
  ...commitSteps.map((request): Fault => ({ kind: 'kill at', request, when: 'after', skip: 0 })),
];

/** Each kind of fault once, but for those that need storage where the state lies in a folder; the seed orders them. */
export function everyFaultOnce(seed: number, place: Place): readonly Fault[] {
  const random = new Random(`schedule ${seed}`);
  const inFolder: Fault[] = [
    { kind: 'kill after', ms: random.between(0, 1500) },
    { kind: 'broker killed', ms: random.between(500, 3000) },
    { kind: 'connections dropped', times: 3 },
    stalledPartition(random),
    { kind: 'suspended' },
    { kind: 'stopped' },
    { kind: 'feed changes' },
  ];
  const inBlobs: Fault[] = [
    ...betweenSteps,
    { kind: 'kill taking over at', request: random.pick(takingOver), when: random.pick(moments) },
    { kind: 'storage stopped', ms: 30_000 },
    { kind: 'storage answers', ...random.pick(refusals), ms: random.between(1000, 4000) },
    { kind: 'answers lost', request: 'head', times: 2 },
    { kind: 'state truncated' },
    { kind: 'feed changes' },
    { kind: 'feed changes' },
  ];
  return shuffled(place === 'blob' ? inBlobs : inFolder, random);
}

/** Kills while alerts are on their way: at each sink that is asked, at an append to the blob, and at moments that mean nothing. */
export function killsAtSinks(seed: number): readonly Fault[] {
  const random = new Random(`sinks ${seed}`);
  const kills: Fault[] = [
    ...askedSinks.map((sink): Fault => ({ kind: 'kill at sink', sink })),
    { kind: 'kill at', request: 'alerts', when: random.pick(moments), skip: 0 },
    { kind: 'kill after', ms: random.between(0, 1500) },
  ];
  return shuffled(kills, random);
}

/** A round of a long run: so many faults, drawn anew. */
export function randomFaults(seed: number, place: Place, count: number): readonly Fault[] {
  const random = new Random(`schedule ${seed}`);
  return Array.from({ length: count }, () => randomFault(random, place));
}

function randomFault(random: Random, place: Place): Fault {
  const when = random.pick(moments);
  const ms = random.between(200, 20_000);
  const common: (() => Fault)[] = [
    () => ({ kind: 'kill after', ms: random.between(0, 3000) }),
    () => ({ kind: 'kill at', request: 'checkpoint', when, skip: random.between(0, 4) }),
    () => ({ kind: 'kill taking over at', request: 'ownership', when }),
    () => ({ kind: 'broker killed', ms }),
    () => ({ kind: 'broker frozen', ms }),
    () => stalledPartition(random),
    () => ({ kind: 'connections dropped', times: random.between(1, 5) }),
    () => ({ kind: 'suspended' }),
    () => ({ kind: 'killed before a standby' }),
    () => ({ kind: 'stopped' }),
    () => ({ kind: 'feed changes' }),
    () => ({ kind: 'feed fails', status: random.pick([401, 429, 500, 503]), times: random.between(1, 4) }),
  ];
  const ofBlob: (() => Fault)[] = [
    () => ({ kind: 'kill at', request: random.pick(commitSteps), when, skip: random.between(0, 3) }),
    () => ({ kind: 'kill at', request: random.pick(commitSteps), when, skip: random.between(0, 3) }),
    () => ({ kind: 'kill at', request: 'lease', when, skip: 0 }),
    () => ({ kind: 'kill taking over at', request: random.pick(takingOver), when }),
    () => ({ kind: 'storage answers', ...random.pick(refusals), ms }),
    () => ({ kind: 'storage silent', ms }),
    () => ({ kind: 'storage stopped', ms: random.between(1000, 40_000) }),
    () => ({ kind: 'answers lost', request: random.pick(commitSteps), times: random.between(1, 3) }),
    () => ({ kind: 'state truncated' }),
  ];
  return random.pick(place === 'blob' ? [...common, ...ofBlob] : common)();
}

function stalledPartition(random: Random): Fault {
  const hub = random.between(0, chaosHubs.length - 1);
  return { kind: 'killed while a partition stalls', hub, partition: random.between(0, partitionsPerHub - 1) };
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const rest = [...items];
  return items.map(() => {
    const [item] = rest.splice(random.between(0, rest.length - 1), 1);
    return item!;
  });
}
