import { trialAlertsOf, sinksOf } from '../app.ts';
import { trySink } from '../pipeline/sink-trial.ts';
import { readConfiguration } from './configuration.ts';
import { configurationExitCode, unavailableExitCode, usage, usageExitCode } from './usage.ts';

/** How long one sink may take. */
const patienceMs = 60_000;

/**
 * Sends a marked test alert and its close through each sink of the configuration and says what became of it, on stderr,
 * since stdout may be a sink. The exit code.
 */
export async function sinks(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(usage('--help'));
    return 0;
  }
  if (args.length !== 1 || args[0] !== 'test') {
    process.stderr.write(`Cannot run sinks ${args.join(' ')} as only "sinks test" is known\n\n${usage('--help')}`);
    return usageExitCode;
  }
  const { service, problems, misspelt } = readConfiguration(process.env);
  for (const problem of [...problems, ...misspelt]) process.stderr.write(`${problem}\n`);
  if (service === null) return configurationExitCode;
  const alerts = trialAlertsOf(service.config);
  const all = sinksOf(service);
  const width = Math.max(...all.map(({ name }) => name.length));
  let failures = 0;
  for (const sink of all) {
    const { status, detail } = await trySink(sink, alerts, AbortSignal.timeout(patienceMs));
    process.stderr.write(`${status.padEnd(4)}  ${sink.name.padEnd(width)}  ${detail}\n`);
    if (status === 'fail') failures += 1;
  }
  return failures === 0 ? 0 : unavailableExitCode;
}
