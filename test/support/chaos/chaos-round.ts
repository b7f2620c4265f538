import { ChaosRun, type ChaosOptions } from './chaos-run.ts';
import { describeFault, type Fault } from './fault.ts';
import { judge, type Judgement } from './judgement.ts';

export interface RoundResult extends Judgement {
  /** How many processes of the service it took. */
  readonly processes: number;
}

/** A round that could not be played to its end, with everything needed to play it again. */
export class ChaosRoundError extends Error {
  override readonly name = 'ChaosRoundError';
}

/** Plays faults one after the other and judges what is left. Throws ChaosRoundError when the service does not get over one. */
export async function playRound(options: ChaosOptions, faults: readonly Fault[]): Promise<RoundResult> {
  const run = await ChaosRun.start(options);
  try {
    for (const fault of faults) await run.suffer(fault);
    return { ...judge(await run.finish()), processes: run.lives.all.length };
  } catch (cause) {
    throw new ChaosRoundError(`Cannot play the round to its end\n${scheduleText(options, faults)}`, { cause });
  } finally {
    await run.stop();
  }
}

/** What a round is made of: the seed and the faults that follow from it. */
export function scheduleText({ seed, place, repeats, everySink }: ChaosOptions, faults: readonly Fault[]): string {
  const head = `seed ${seed}, state in ${place}, ALERT_REPEAT ${repeats ? 'every-flush' : 'changed'}${everySink === true ? ', every sink' : ''}`;
  return [head, ...faults.map((fault) => `  ${describeFault(fault)}`)].join('\n');
}
