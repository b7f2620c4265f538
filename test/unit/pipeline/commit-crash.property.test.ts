import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AzureRecord } from '../../../src/core/record.ts';
import { blobsOf } from '../../../src/pipeline/manifest.ts';
import { deleteOrphans } from '../../../src/pipeline/state-owner.ts';
import { activity, boundary, ip, minute, noon, signIn } from '../../support/engine-bench.ts';
import { MemoryStateStore } from '../../support/memory-state-store.ts';
import { contentNow, headOf, MemoryFeeds, orCrash, restorable, StateOwner } from '../../support/state-rig.ts';

interface Phase {
  readonly records: readonly (readonly [AzureRecord, number])[];
  /** The feed's set from this phase on. */
  readonly revision: number;
  readonly flushes: boolean;
}

const filler = (count: number, from: number, at: number): (readonly [AzureRecord, number])[] =>
  Array.from({ length: count }, (_, n) => [activity(at, { address: `198.51.100.${from + n}` }), at] as const);

const late = boundary + 10 * minute;

/** What happens, with a commit after each phase: bases, deltas, compaction, flushes, deferred records, feeds that change. */
const phases: readonly Phase[] = [
  {
    records: [...filler(12, 0, noon + minute), [signIn(noon + 2 * minute), noon + 2 * minute]],
    revision: 1,
    flushes: false,
  },
  { records: [[activity(noon + 3 * minute), noon + 3 * minute]], revision: 1, flushes: true },
  { records: [[activity(noon + 4 * minute, { caller: 'bob' }), late]], revision: 2, flushes: false },
  { records: filler(14, 6, boundary + 20 * minute), revision: 2, flushes: false },
  { records: [[activity(boundary + 30 * minute), boundary + 30 * minute]], revision: 3, flushes: true },
  { records: filler(3, 30, boundary + 70 * minute), revision: 3, flushes: false },
];

/** Where the process stands: the phases whose records and flush it has. */
class Player {
  readonly delivered: string[] = [];
  #taken = 0;

  /** Plays what the process has not yet, until it is done or dies; true when it is done. */
  async play(store: MemoryStateStore): Promise<StateOwner | null> {
    const feeds = new MemoryFeeds();
    const process = await orCrash(store, StateOwner.start(store, { feeds }));
    if (process === null) return null;
    this.#taken = process.engine.state.positions().get('hub/0')?.sequenceNumber ?? 0;
    this.deliver(process);
    let count = 0;
    let flushed = noon;
    for (const { records, revision, flushes } of phases) {
      feeds.put('feed', `set ${revision}`, revision);
      for (const [record, enqueuedMs] of records) if (++count > this.#taken) process.take(record, enqueuedMs);
      if (flushes) flushed += 60 * minute;
      if (flushes && process.engine.boundary <= flushed) process.flush();
      if (
        (await orCrash(
          store,
          process.commit().then(() => true),
        )) === null
      )
        return null;
      this.deliver(process);
    }
    return process;
  }

  deliver(process: StateOwner): void {
    this.delivered.push(...process.deliver().map((alert) => JSON.stringify(alert)));
  }
}

/** The state after each generation, of a run that nothing disturbs. */
async function undisturbed() {
  const place = new MemoryStateStore();
  const store = place.open();
  const states = new Map<number, unknown>([[0, null]]);
  store.after = async ({ method }) => {
    if (method === 'writeHead') states.set((await headOf(place)).current?.generation ?? 0, await restorable(place));
  };
  const player = new Player();
  const process = await player.play(store);
  if (process === null) throw new Error('Cannot go on: the undisturbed run ended early');
  return {
    states,
    delivered: player.delivered,
    calls: store.calls.length,
    methods: store.calls,
    end: await contentNow(process.engine),
  };
}

const idOf = (document: string): string => (JSON.parse(document) as { id: string }).id;

function expectSameDeliveries(seen: readonly string[], wanted: readonly string[]): void {
  expect(new Set(seen)).toEqual(new Set(wanted));
  expect(new Set(seen.map(idOf)).size).toBe(new Set(seen).size);
}

describe('A process that is killed', () => {
  test('the undisturbed run has everything in it', async () => {
    const { states, delivered, methods } = await undisturbed();
    expect(states.size).toBe(phases.length + 1);
    expect(delivered.length).toBeGreaterThanOrEqual(3);
    expect(methods.some(({ method }) => method === 'delete')).toBe(true);
    expect(methods.some(({ name }) => name.endsWith('delta'))).toBe(true);
    expect(delivered.some((document) => document.includes(ip))).toBe(true);
  });

  test.each(['before', 'after'] as const)(
    '%s any call of the store leaves exactly the last commit that took effect, and the next owner goes on from it',
    async (when) => {
      const reference = await undisturbed();
      for (let call = 0; call < reference.calls; call += 1) {
        const place = new MemoryStateStore();
        const player = new Player();
        const store = place.open();
        store.crashAt(call, when);
        expect(await player.play(store)).toBeNull();
        expect(store.crashed).toBe(true);
        const isFresh = (await place.open().readHead()) === null;
        const generation = isFresh ? 0 : ((await headOf(place)).current?.generation ?? 0);
        const kept = isFresh ? null : await restorable(place);
        expect(kept).toEqual(reference.states.get(generation));
        const process = await player.play(place.open());
        expect(await restorable(place)).toEqual([...reference.states.values()].at(-1));
        expect(process && (await contentNow(process.engine))).toEqual(reference.end);
        expectSameDeliveries(player.delivered, reference.delivered);
      }
    },
  );

  test('again and again comes to the same end, with nothing left over in the store', async () => {
    const reference = await undisturbed();
    const crash = fc.record({
      call: fc.nat(reference.calls),
      when: fc.constantFrom('before' as const, 'after' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(crash, { maxLength: 6 }), async (crashes) => {
        const place = new MemoryStateStore();
        const player = new Player();
        for (const { call, when } of crashes) {
          const store = place.open();
          store.crashAt(call, when);
          await player.play(store);
        }
        const process = await player.play(place.open());
        expect(process && (await contentNow(process.engine))).toEqual(reference.end);
        expectSameDeliveries(player.delivered, reference.delivered);
        const { store, owned } = await StateOwner.start(place.open());
        await deleteOrphans(store, owned.head);
        const named = [...blobsOf(owned.head.current), ...blobsOf(owned.head.previous)].map(({ name }) => name);
        expect(new Set(place.contents().keys())).toEqual(new Set(named));
      }),
      { numRuns: 12 },
    );
  });
});
