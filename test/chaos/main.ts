import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { playRound, scheduleText } from '../support/chaos/chaos-round.ts';
import { randomFleetFaults } from '../support/chaos/fleet-faults.ts';
import { fleetScheduleText, playFleetRound } from '../support/chaos/fleet-round.ts';
import { everyFaultOnce, killsAtSinks, randomFaults, type Place } from '../support/chaos/schedule.ts';

/**
 * Runs the service as real processes through faults drawn from a seed, and holds what it told against the reference
 * evaluator: `npm run chaos -- [--seed S] [--rounds N] [--faults F] [--every-fault] [--every-sink] [--verbose]`. Round r
 * has seed S + r and prints one line, or what went wrong; `--seed` of that line alone plays it again. With
 * `--replicas R [--shards P]` the service is a fleet of so many replicas, and faults are those of a fleet.
 */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(randomInt(1_000_000)) },
    rounds: { type: 'string', default: '1' },
    faults: { type: 'string', default: '12' },
    'every-fault': { type: 'boolean', default: false },
    replicas: { type: 'string' },
    shards: { type: 'string', default: '4' },
    'every-sink': { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
  },
});

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Plays one round; whether all that was told is right. */
async function round(seed: number): Promise<boolean> {
  const place: Place = seed % 4 === 3 ? 'file' : 'blob';
  const log = (line: string): void => {
    if (values.verbose) print(`  ${line}`);
  };
  const everySink = values['every-sink'];
  // Slack takes one message a second: it would never come to the end of all rows of every flush.
  const options = { seed, place, repeats: seed % 2 === 1 && !everySink, everySink, log };
  const common = values['every-fault'] ? everyFaultOnce(seed, place) : randomFaults(seed, place, Number(values.faults));
  const faults = everySink ? [...killsAtSinks(seed), ...common] : common;
  const startedMs = performance.now();
  const { problems, processes, flushes, alerts, rows } = await playRound(options, faults);
  const [head] = scheduleText(options, []).split('\n');
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  const counts = `${faults.length} faults, ${processes} processes, ${flushes} flushes, ${alerts} alerts`;
  const judged = `${rows.told} rows told, ${rows.silent} not told again`;
  print(`${head ?? ''}: ${counts}, ${judged}, ${problems.length} problems, ${seconds} s`);
  if (problems.length > 0) print([scheduleText(options, faults), ...problems].join('\n'));
  return problems.length === 0;
}

/** Plays one round of a fleet; whether all that was told is right. */
async function fleetRound(seed: number, replicas: number): Promise<boolean> {
  const log = (line: string): void => {
    if (values.verbose) print(`  ${line}`);
  };
  const options = { seed, replicas, shards: Number(values.shards), repeats: seed % 2 === 1, log };
  const faults = randomFleetFaults(seed, Number(values.faults));
  const startedMs = performance.now();
  const { problems, processes, flushes, alerts, rows } = await playFleetRound(options, faults);
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  const counts = `${faults.length} faults, ${processes} processes, ${flushes} flushes, ${alerts} alerts`;
  const judged = `${rows.told} rows told, ${rows.silent} not told again`;
  print(`seed ${seed}, ${replicas} replicas: ${counts}, ${judged}, ${problems.length} problems, ${seconds} s`);
  if (problems.length > 0) print([fleetScheduleText(options, faults), ...problems].join('\n'));
  return problems.length === 0;
}

for (let number = 0; number < Number(values.rounds); number += 1) {
  const seed = Number(values.seed) + number;
  try {
    const played = values.replicas === undefined ? round(seed) : fleetRound(seed, Number(values.replicas));
    if (!(await played)) process.exitCode = 1;
  } catch (error) {
    const { message, cause } = error instanceof Error ? error : new Error(String(error));
    print(`seed ${seed}: ${message}\n${cause instanceof Error ? (cause.stack ?? '') : String(cause)}`);
    process.exitCode = 1;
  }
}
// A closed producer of @azure/event-hubs 6.0.4 leaves a timer that keeps the process for minutes.
process.exit();
