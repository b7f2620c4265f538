import { describe, expect, test } from 'vitest';
import { playRound, scheduleText } from '../support/chaos/chaos-round.ts';
import { everyFaultOnce, type Place } from '../support/chaos/schedule.ts';

/** The small size of `npm run chaos`: one seed, every kind of fault once. */
const seed = 1;

/** Plays every kind of fault once, and holds what was told against the reference and the expected set. */
async function expectUnharmed(place: Place, repeats: boolean): Promise<void> {
  const options = { seed, place, repeats, log: (line: string) => console.log(line) };
  const faults = everyFaultOnce(seed, place);
  console.log(scheduleText(options, faults));
  const { problems, flushes, rows } = await playRound(options, faults);
  expect(problems).toEqual([]);
  // Otherwise nothing was held against anything.
  expect(flushes).toBeGreaterThan(1);
  expect(rows.told).toBeGreaterThan(flushes);
}

describe('a service whose processes are killed at every step, whose broker and storage go away, whose feed changes', () => {
  test('tells exactly the expected alerts, each under one id with the same bytes, state in blobs', async () => {
    await expectUnharmed('blob', false);
  });

  test('tells at every flush every row of the reference on all published records, state in a folder', async () => {
    await expectUnharmed('file', true);
  });
});
