import { ChaosRoundError, type RoundResult } from './chaos-round.ts';
import { describeFleetFault, type FleetFault } from './fleet-faults.ts';
import { FleetRun, type FleetOptions } from './fleet-run.ts';

/** Plays faults of a fleet one after the other and judges what is left. Throws ChaosRoundError when it does not get over one. */
export async function playFleetRound(options: FleetOptions, faults: readonly FleetFault[]): Promise<RoundResult> {
  const run = await FleetRun.start(options);
  try {
    for (const fault of faults) await run.suffer(fault);
    return { ...(await run.finish()), processes: run.replicas.all.length };
  } catch (cause) {
    throw new ChaosRoundError(`Cannot play the round to its end\n${fleetScheduleText(options, faults)}`, { cause });
  } finally {
    await run.stop();
  }
}

/** What a round is made of: the seed and the faults that follow from it. */
export function fleetScheduleText(
  { seed, replicas, shards, repeats }: FleetOptions,
  faults: readonly FleetFault[],
): string {
  const head = `seed ${seed}, ${replicas} replicas, ${shards} shards, ALERT_REPEAT ${repeats ? 'every-flush' : 'changed'}`;
  return [head, ...faults.map((fault) => `  ${describeFleetFault(fault)}`)].join('\n');
}
