#!/usr/bin/env node
import { check } from './commands/check.ts';
import { explain } from './commands/explain.ts';
import { replay } from './commands/replay.ts';
import { serve } from './commands/serve.ts';
import { sinks } from './commands/sinks.ts';
import { snapshot } from './commands/snapshot.ts';
import { usage, usageExitCode } from './commands/usage.ts';

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  serve,
  replay,
  check,
  explain,
  snapshot,
  sinks,
};

const [name = '', ...args] = process.argv.slice(2);
const command = commands[name];
if (command === undefined) {
  process.stderr.write(usage(name));
  process.exitCode = name === '' || name === 'help' || name === '--help' ? 0 : usageExitCode;
} else {
  process.exitCode = await command(args);
  // A closed client of @azure/event-hubs 6.0.4 may leave timers that would keep the process for a minute. An empty write
  // is called back when everything written before it is out.
  process.stdout.write('', () => process.exit());
}
