import { baseUrl, choice, decimal, document, duration, integer, list, size, text } from './option.ts';
import { readSeverityPolicy } from './severity-policy.ts';

const developmentNote = 'Accepted only with a development endpoint.';

/** How the rule, the alerts, the bounds and the process behave. */
export const behaviourOptions = {
  lookback: duration({
    env: 'LOOKBACK',
    group: 'Rule',
    description: 'Length of the window. A multiple of FLUSH_INTERVAL.',
    fallback: '24h',
  }),
  flushInterval: duration({
    env: 'FLUSH_INTERVAL',
    group: 'Rule',
    description: 'Distance of the window ends, and length of a pane. Divides a day.',
    fallback: '1h',
  }),
  flushDelay: duration({
    env: 'FLUSH_DELAY',
    group: 'Rule',
    description: 'A flush at T waits for what was enqueued until T plus this.',
    fallback: '5m',
  }),
  flushMaxWait: duration({
    env: 'FLUSH_MAX_WAIT',
    group: 'Rule',
    description: 'How long a flush waits for a partition that makes no progress before it runs incomplete.',
    fallback: '15m',
  }),
  maxClockSkew: duration({
    env: 'MAX_CLOCK_SKEW',
    group: 'Rule',
    description: 'Largest difference between this clock and the one of Event Hubs.',
    fallback: '30s',
  }),
  excludedRanges: list({
    env: 'EXCLUDED_RANGES',
    group: 'Rule',
    description: 'Address ranges that never match, as CIDR.',
    fallback:
      '0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,192.168.0.0/16,168.63.129.16/32,224.0.0.0/4,240.0.0.0/4,::/128,::1/128,fc00::/7,fe80::/10,ff00::/8',
  }),
  activityStatuses: list({
    env: 'ACTIVITY_STATUSES',
    group: 'Rule',
    description: 'resultType values of activity records that count, without regard to case.',
    fallback: 'Success',
  }),
  deduplicate: choice({
    env: 'DEDUPLICATE',
    group: 'Rule',
    description: 'Whether a record that arrives again within the window counts once.',
    fallback: 'on',
    values: ['on', 'off'],
  }),
  alertRepeat: choice({
    env: 'ALERT_REPEAT',
    group: 'Alerts',
    description: 'changed: a flush emits a row when evidence was added. every-flush: one alert per row and flush.',
    fallback: 'changed',
    values: ['changed', 'every-flush'],
  }),
  severityPolicy: document(
    {
      env: 'SEVERITY_POLICY',
      group: 'Alerts',
      description:
        "Steps from the rule's severity, High, to that of an alert. By default an address under an allow list lowers it by two levels, to Low, and nothing else changes it.",
      fallback: '[{"when":{"allowListed":true},"change":-2}]',
    },
    'a JSON list of steps, or @FILE',
    readSeverityPolicy,
  ),
  publicUrl: baseUrl({
    env: 'PUBLIC_URL',
    group: 'Alerts',
    description:
      'Where responders reach the API, such as the address of a reverse proxy: alerts link to PUBLIC_URL/windows/{ip}. Without it they link to the Azure portal alone.',
  }),
  portalUrl: baseUrl({
    env: 'PORTAL_URL',
    group: 'Alerts',
    description:
      'The Azure portal that alerts link to: https://portal.azure.us or https://portal.azure.cn in sovereign clouds; with a tenant as its path, https://portal.azure.com/contoso.com, in that tenant.',
    fallback: 'https://portal.azure.com',
  }),
  sinks: text({
    env: 'SINKS',
    group: 'Alerts',
    description:
      'Where alerts go: stdout and file:PATH, a comma between them; a JSON list of sinks; or @FILE that holds one. See sinks.md.',
    fallback: 'stdout',
  }),
  silencesPath: text({
    env: 'SILENCES_PATH',
    group: 'Alerts',
    description:
      'File with a JSON list of silences, looked at every five seconds; those of it cannot be deleted by the API. See silences.md.',
  }),
  candidateMaxBytes: size({
    env: 'CANDIDATE_MAX_BYTES',
    group: 'Bounds',
    description: 'Most bytes of windows that no indicator matches; the least recently seen addresses are evicted.',
    fallback: '512MiB',
  }),
  pinnedMaxBytes: size({
    env: 'PINNED_MAX_BYTES',
    group: 'Bounds',
    description: 'Most bytes of windows that an indicator matches; beyond it new callers are only counted.',
    fallback: '512MiB',
  }),
  deduplicateMaxBytes: size({
    env: 'DEDUPLICATE_MAX_BYTES',
    group: 'Bounds',
    description: 'Most bytes of record identities; beyond it records count each time they arrive, marked in the row.',
    fallback: '256MiB',
  }),
  evictionMarksMax: integer({
    env: 'EVICTION_MARKS_MAX',
    group: 'Bounds',
    description: 'Most addresses remembered as evicted; beyond it every retroactive match is marked partial.',
    fallback: '1000000',
    least: 0,
    most: 16_000_000,
  }),
  deferredMax: integer({
    env: 'DEFERRED_MAX',
    group: 'Bounds',
    description: 'Most records that wait for the flush they arrived after; beyond it their partition waits.',
    fallback: '1000000',
    least: 1,
    most: 16_000_000,
  }),
  outboxMax: integer({
    env: 'OUTBOX_MAX',
    group: 'Bounds',
    description: 'Most alerts that wait for a sink; the oldest beyond it become dead letters.',
    fallback: '100000',
    least: 1,
    most: 16_000_000,
  }),
  silencesMax: integer({
    env: 'SILENCES_MAX',
    group: 'Bounds',
    description: 'Most silences that the API may add; as many are kept after their end, for 30 days.',
    fallback: '1000',
    least: 0,
    most: 10_000,
  }),
  recentAlertsMax: integer({
    env: 'RECENT_ALERTS_MAX',
    group: 'Bounds',
    description: 'Most alerts that GET /alerts can show.',
    fallback: '1000',
    least: 1,
    most: 100_000,
  }),
  snapshotInterval: duration({
    env: 'SNAPSHOT_INTERVAL',
    group: 'Process',
    description: 'How often the state is committed when nothing asks for it; alerts and flushes are committed at once.',
    fallback: '60s',
  }),
  leaseDuration: duration({
    env: 'LEASE_DURATION',
    group: 'Process',
    description:
      'How long the active process keeps the state after it stopped renewing; with STATE on blobs 15s to 60s in whole seconds, as Azure has it.',
    fallback: '15s',
  }),
  shutdownGrace: duration({
    env: 'SHUTDOWN_GRACE',
    group: 'Process',
    description: 'How long a stop may take.',
    fallback: '25s',
  }),
  httpHost: text({ env: 'HTTP_HOST', group: 'HTTP', description: 'Address the API binds to.', fallback: '127.0.0.1' }),
  httpPort: integer({
    env: 'HTTP_PORT',
    group: 'HTTP',
    description: 'Port of the API; 0 takes a free one and logs it.',
    fallback: '8080',
    least: 0,
    most: 65_535,
  }),
  opsPort: integer({
    env: 'OPS_PORT',
    group: 'HTTP',
    description: 'When set, a second port that serves only /health* and /metrics.',
    least: 0,
    most: 65_535,
  }),
  logLevel: choice({
    env: 'LOG_LEVEL',
    group: 'Process',
    description: 'Least level that is logged, to stderr.',
    fallback: 'info',
    values: ['debug', 'info', 'warn', 'error'],
  }),
  resetOnRecreate: choice({
    env: 'RESET_ON_RECREATE',
    group: 'Event Hubs',
    description: 'Whether a hub that restarted its numbers is read anew by itself; otherwise health fails until reset.',
    fallback: 'off',
    values: ['on', 'off'],
  }),
  speed: decimal({
    env: 'SPEED',
    group: 'Development',
    description: `Rate of the clock. ${developmentNote}`,
    fallback: '1',
    least: 0.01,
    most: 100_000,
  }),
  speedOrigin: text({
    env: 'SPEED_ORIGIN',
    group: 'Development',
    description: `Instant (ISO 8601) at which the fast clock and the true one agree. ${developmentNote}`,
  }),
} as const;
