import { yieldTurn } from '../../src/adapters/system/clock.ts';

/** CPU time of the main thread in turns of the event loop, milliseconds: garbage collection is in it, other processes are not. */
export interface TurnTimes {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Tells what turns of sliced work cost, also on a machine whose cores others use too. */
export class MeasuredTurns {
  #times: number[] = [];
  #startedUs = 0;

  start(): void {
    this.#times = [];
    this.#startedUs = cpuUs();
  }

  /** Ends a turn and lets other work run, as the service does. */
  readonly yieldTurn = async (): Promise<void> => {
    this.#times.push((cpuUs() - this.#startedUs) / 1000);
    await yieldTurn();
    this.#startedUs = cpuUs();
  };

  times(): TurnTimes {
    const sorted = this.#times.sort((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
    return { p50: at(0.5), p99: at(0.99), max: at(1) };
  }
}

function cpuUs(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}
