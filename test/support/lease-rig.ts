import { realTime } from '../../src/adapters/system/clock.ts';

/** Waits in true time until something holds; the test's own time-out ends it. */
export async function untilTrue(holds: () => boolean): Promise<void> {
  while (!holds()) await realTime.delay(20);
}
