/** Exit codes, as in sysexits.h: 64 a wrong command line, 65 unreadable input or a damaged state, 69 a service that refuses, 78 a wrong configuration. */
export const usageExitCode = 64;
export const unreadableExitCode = 65;
export const unavailableExitCode = 69;
export const configurationExitCode = 78;

const text = `Usage: tidewatch SUBCOMMAND

  serve     read Event Hubs, match, flush, deliver; options come from the environment
  check     read the configuration, try storage, hubs, feeds, allow lists and sinks, say what works
  replay    run the rule over exported records and indicators
  explain   ask a running service why an address matches or not
  snapshot  show the stored state, or check that it can be read
  sinks     try the sinks of the configuration with a test alert

  explain --ip ADDRESS [--url URL] [--json]
  explain --skipped [--feed NAME] [--reason REASON] [--url URL] [--json]
    The service is asked at --url, else where HTTP_HOST and HTTP_PORT say it listens.
    --ip       every indicator that names the address, and why it counts or does not; its windows and sign-ins
    --skipped  the indicators that are not indexed, or not with all of their pattern; with --json one a line

  replay --records PATH… --indicators PATH… [--dead-letters PATH…] [--at INSTANT] [--semantics repaired|kql]
         [--compare] [--format ndjson|table] [--indicators-as-of] [--default-confidence N]
    PATH is a file, a folder with all folders in it, or a glob, plain or .gz. Each document of a record file is a
    message body of any shape or a bare record; each of an indicator file a STIX bundle, an object or a list of them.
    All indicator files are one feed, named replay. Options of the rule come from the environment, as for serve:
    LOOKBACK, FLUSH_INTERVAL, MIN_CONFIDENCE, EXCLUDED_RANGES, ACTIVITY_STATUSES, DEDUPLICATE, INDICATOR_MAX_AGE,
    ALERT_REPEAT, TI_REFRESH_INTERVAL, NON_INTERACTIVE_HUB, MANAGED_IDENTITY_HUB, PUBLIC_URL, PORTAL_URL.
    --at                  the rows of one instant, an alert each; without it what serve would have emitted hour by
                          hour, records taken at their event time
    --semantics kql       the rows of the rule to the letter; needs --at
    --compare             both results joined, with the reasons why they differ; needs --at
    --indicators-as-of    only versions whose modified is not after the instant that is replayed
    --default-confidence  confidence, 0 to 100, of indicators that carry none; without it they do not match
    --dead-letters        dead letters of serve, decoded again as further records
    A record without a readable time is taken at the time of the record before it in its file, and named.

  snapshot inspect [--json] [--manifest current|previous]
    Prints who owns the state, the blobs that it lies in, and what it holds: the next flush, positions, watermarks,
    windows, findings, alerts that wait. --manifest previous shows the state before it; --json prints one JSON document.
  snapshot verify
    Reads every blob of the state and prints one line each: ok, or what is wrong and what a restart does then.
    Both only read, also while serve runs. They need STATE and, unless that is a folder, STORAGE_CONNECTION_STRING or
    STORAGE_ACCOUNT_URL and STORAGE_CONTAINER, as serve has them.

  sinks test
    Sends a marked test alert and its close through each sink and says on stderr, one line each, what became of it.

Exit codes: 0 done, 64 wrong command line, 65 some input was unreadable or the state is damaged, 69 a connection was refused, 78 wrong configuration
`;

export function usage(seen: string): string {
  const isHelp = seen === '' || seen === 'help' || seen === '--help';
  return isHelp ? text : `Cannot run ${JSON.stringify(seen)} as there is no such subcommand\n\n${text}`;
}
