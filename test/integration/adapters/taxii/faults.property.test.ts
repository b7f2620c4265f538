import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type History, histories } from '../../../support/taxii-arbitraries.ts';
import { requestsMost, TaxiiWorld, type Polled } from '../../../support/taxii-world.ts';

const RESYNC_MS = 24 * 3_600_000;
const poll = { kind: 'poll', meanwhile: null } as const;

async function pollOf(world: TaxiiWorld): Promise<Polled> {
  const polled = await world.play(poll);
  if (polled === null) throw new Error('Expected a poll');
  return polled;
}

/** What holds of every poll, whatever the server does. */
function judge(world: TaxiiWorld, { update, requests, disturbed }: Polled): void {
  expect(requests).toBeLessThan(requestsMost);
  expect(world.foreign).toBe(0);
  expect(world.leaked).toBe(0);
  if (update?.full === true && !disturbed) expect(world.held()).toEqual(world.truth());
}

async function live(history: History): Promise<void> {
  await using world = await TaxiiWorld.start(history);
  for (const step of history.steps) {
    const polled = await world.play(step);
    if (polled !== null) judge(world, polled);
  }
  await world.play({ kind: 'mend' });

  const first = await pollOf(world);
  expect(first.error).toBeNull();
  judge(world, first);
  const held = world.held();
  for (const [id, state] of world.truth()) expect([id, held.get(id)]).toEqual([id, state]);

  await world.play({ kind: 'pass', ms: RESYNC_MS });
  const second = await pollOf(world);
  expect(second).toMatchObject({ error: null, update: { full: true } });
  judge(world, second);
  expect(world.held()).toEqual(world.truth());

  const third = await pollOf(world);
  expect(third.update).toMatchObject({ objects: [], full: false });
  expect(world.held()).toEqual(world.truth());
}

describe('after the faults of a server end', () => {
  test('one poll brings whatever was added or changed, a full one removes what vanished, and no poll runs without end', async () => {
    await fc.assert(fc.asyncProperty(histories, live), { numRuns: 120 });
  });
});
