import { probesOf } from '../app.ts';
import { readConfiguration } from './configuration.ts';
import { configurationExitCode, unavailableExitCode } from './usage.ts';

/** Reads the configuration, reports all its problems, tries every connection and says what works. The exit code. */
export async function check(): Promise<number> {
  const read = readConfiguration(process.env);
  const misspelt = read.unknown.map((name) => `Cannot use ${name} as there is no such option: is it misspelt?`);
  if ('problems' in read || misspelt.length > 0) {
    const problems = [...('problems' in read ? read.problems : []), ...misspelt];
    process.stdout.write(problems.map((problem) => `fail  configuration  ${problem}\n`).join(''));
    return configurationExitCode;
  }
  process.stdout.write('ok    configuration\n');
  let failures = 0;
  const outcomes = probesOf(read.config, read.feeds, read.secrets).map(async (probe) => ({
    probe,
    outcome: await probe.run(),
  }));
  for (const each of outcomes) {
    const { probe, outcome } = await each;
    process.stdout.write(`${outcome.ok ? 'ok  ' : 'fail'}  ${probe.name}  ${outcome.detail}\n`);
    if (!outcome.ok) failures += 1;
  }
  return failures === 0 ? 0 : unavailableExitCode;
}
