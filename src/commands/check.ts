import { probesOf } from '../app.ts';
import type { Probe, ProbeOutcome } from '../pipeline/probe.ts';
import { readConfiguration } from './configuration.ts';
import { configurationExitCode, unavailableExitCode } from './usage.ts';

const configuration = 'configuration';

function print(status: ProbeOutcome['status'], name: string, width: number, detail: string): void {
  process.stdout.write(`${status.padEnd(4)}  ${name.padEnd(width)}  ${detail}`.trimEnd() + '\n');
}

/** Tries a connection; whatever it throws is what failed, so that one never keeps the others from being told. */
async function outcomeOf(probe: Probe): Promise<ProbeOutcome> {
  try {
    return await probe.run();
  } catch (cause) {
    return { status: 'fail', detail: cause instanceof Error ? cause.message : String(cause) };
  }
}

/**
 * Reads the configuration, reports all its problems, tries what the service reads from, where it keeps its state and
 * where alerts go, and says what works. The exit code. A configuration that cannot be used ends it; misspelt variables
 * alone do not keep the connections from being tried. Nothing is sent: `sinks test` sends a test alert.
 */
export async function check(): Promise<number> {
  const { service, problems, misspelt } = readConfiguration(process.env);
  const probes = service === null ? [] : probesOf(service, service.secrets);
  const width = Math.max(configuration.length, ...probes.map(({ name }) => name.length));
  const wrong = [...problems, ...misspelt];
  for (const problem of wrong) print('fail', configuration, width, problem);
  if (wrong.length === 0) print('ok', configuration, width, '');
  const outcomes = probes.map((probe) => [probe.name, outcomeOf(probe)] as const);
  let failures = 0;
  for (const [name, outcome] of outcomes) {
    const { status, detail } = await outcome;
    print(status, name, width, detail);
    if (status === 'fail') failures += 1;
  }
  if (wrong.length > 0) return configurationExitCode;
  return failures === 0 ? 0 : unavailableExitCode;
}
