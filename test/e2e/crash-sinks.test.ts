import { expect, test } from 'vitest';
import { playRound, scheduleText } from '../support/chaos/chaos-round.ts';
import { killsAtSinks } from '../support/chaos/schedule.ts';

/** The small size of `npm run chaos -- --every-sink`. */
const seed = 1;

test('every sink is given every expected alert under its one id, whenever the processes are killed', async () => {
  const options = {
    seed,
    place: 'blob',
    repeats: false,
    everySink: true,
    log: (line: string) => console.log(line),
  } as const;
  const kills = killsAtSinks(seed).slice(0, 4);
  console.log(scheduleText(options, kills));
  const { problems, alerts, processes } = await playRound(options, kills);
  expect(problems).toEqual([]);
  // Otherwise nothing was held against anything.
  expect(processes).toBeGreaterThan(kills.length);
  expect(alerts).toBeGreaterThan(kills.length);
});
