/** Exit codes, as in sysexits.h: 64 a wrong command line, 65 unreadable input, 69 a service that refuses, 78 a wrong configuration. */
export const usageExitCode = 64;
export const unreadableExitCode = 65;
export const unavailableExitCode = 69;
export const configurationExitCode = 78;

const text = `Usage: tidewatch SUBCOMMAND

  serve    read Event Hubs, match, flush, deliver; options come from the environment
  check    read the configuration, try every connection, say what works
  replay   run the rule over exported records and indicators

  replay --records PATH… --indicators PATH… [--at INSTANT] [--semantics repaired|kql] [--compare]
         [--format ndjson|table] [--indicators-as-of] [--default-confidence N]
         PATH is a file, a folder or a glob, plain or .gz

Exit codes: 0 done, 64 wrong command line, 65 some input was unreadable, 69 a connection was refused, 78 wrong configuration
`;

export function usage(seen: string): string {
  const isHelp = seen === '' || seen === 'help' || seen === '--help';
  return isHelp ? text : `Cannot run ${JSON.stringify(seen)} as there is no such subcommand\n\n${text}`;
}
