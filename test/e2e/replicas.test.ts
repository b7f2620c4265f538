import { expect, test } from 'vitest';
import type { FleetFault } from '../support/chaos/fleet-faults.ts';
import { FleetRun } from '../support/chaos/fleet-run.ts';

/** The small size of `npm run chaos -- --replicas N`. */
const faults: readonly FleetFault[] = [
  { kind: 'feed changes' },
  { kind: 'killed', victim: 0 },
  { kind: 'storage stopped', ms: 3000 },
  { kind: 'suspended', victim: 1 },
  { kind: 'feed changes' },
  { kind: 'left', victim: 0 },
];

/** True seconds that a lease lasts by default. */
const leaseSeconds = 15;

test('replicas that are killed, suspended and stopped tell together exactly the expected alerts, each under one id', async () => {
  const options = { seed: 1, replicas: 2, shards: 4, repeats: true, log: (line: string) => console.log(line) };
  const run = await FleetRun.start(options);
  try {
    for (const fault of faults) await run.suffer(fault);
    const { problems, flushes, rows } = await run.finish();
    expect(problems).toEqual([]);
    // Otherwise nothing was held against anything.
    expect(flushes).toBeGreaterThan(options.shards);
    expect(rows.told).toBeGreaterThan(flushes);
    // Of a replica that left nobody waited for anything to run out.
    expect(Math.max(...run.gaps.left)).toBeLessThan(leaseSeconds);
    expect(Math.max(...run.gaps.killed)).toBeLessThan(2 * leaseSeconds);
  } finally {
    await run.stop();
  }
});
