import { replayTools } from '../app-replay.ts';
import { allowListSources } from '../app-intel.ts';
import { loadRuleConfig, type RuleConfig } from '../config/config.ts';
import { likelyMisspellings } from '../config/unknown-names.ts';
import type { SourceSettings } from '../core/intel/indicator-reader.ts';
import { noAllowLists } from '../core/intel/allow-lists.ts';
import { readReplayAllowLists } from '../pipeline/replay-allow-lists.ts';
import { objectsAsOf, ReplayIntelligence, readReplayObjects } from '../pipeline/replay-intelligence.ts';
import { compareReplay, letterRows, letterTables, withWindow } from '../pipeline/replay-letter.ts';
import { ReplayRecordReader } from '../pipeline/replay-records.ts';
import type { ReplayTools } from '../pipeline/replay-tools.ts';
import { replayAt, replayHourly, type ReplayInput } from '../pipeline/replay.ts';
import { replayRule } from '../settings.ts';
import { readReplayArguments, type ReplayArguments } from './replay-arguments.ts';
import { ReplayReport } from './replay-report.ts';
import { alertTable, comparisonTable, rowTable } from './replay-table.ts';
import { configurationExitCode, unreadableExitCode, usage, usageExitCode } from './usage.ts';

/** Alerts handed to the output at a time. */
const batchSize = 1000;

/**
 * Runs the rule over exported records and indicators and prints what it finds. Every file is of one feed: snapshots of a
 * feed taken on different days then compete by version, so that an old one brings nothing back. The exit code.
 */
export async function replay(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(usage('--help'));
    return 0;
  }
  const options = readReplayArguments(args);
  if ('problems' in options) {
    process.stderr.write(`${options.problems.join('\n')}\n\n${usage('--help')}`);
    return usageExitCode;
  }
  const { config, problems, unknown } = loadRuleConfig(process.env);
  for (const line of likelyMisspellings(unknown)) process.stderr.write(`${line}\n`);
  if (config === null) {
    process.stderr.write(`${problems.join('\n')}\n`);
    return configurationExitCode;
  }
  const report = new ReplayReport(process.stderr);
  await run(options, config, replayTools(), report);
  return report.problems > 0 ? unreadableExitCode : 0;
}

async function run(
  options: ReplayArguments,
  config: RuleConfig,
  tools: ReplayTools,
  report: ReplayReport,
): Promise<void> {
  const { at, asOf } = options;
  const rule = replayRule(config);
  const source = sourceOf(options, config);
  const given = await readReplayObjects(tools.readFiles(options.indicators, 'objects'), report);
  const objects = at !== null && asOf ? objectsAsOf(given, at) : given;
  const tables = letterTables(objects, source, rule);
  const reader = new ReplayRecordReader(
    ({ address }, ms) => (at === null || (ms >= at - rule.lookbackMs && ms <= at)) && tables.names(address),
    report,
  );
  await reader.read(tools.readFiles(options.records, 'records'));
  await reader.readDeadLetters(tools.readFiles(options.deadLetters, 'records'));
  const records = reader.result();
  const { excluded, minConfidence } = rule;
  const schedule = { source, minConfidence, excluded, asOf: asOf && at === null, refreshMs: config.refreshInterval };
  const intelligence = new ReplayIntelligence(objects, schedule);
  const allowLists = await readReplayAllowLists(allowListSources(config), report);
  const input: ReplayInput = { ...records, rule, intelligence, allowLists, digest: tools.digest };
  try {
    if (at === null) await printHourly(input, options, tools.output);
    else await tools.output.write(evaluationAt(input, tables, at, options));
  } catch (cause) {
    if (!isClosedPipe(cause)) throw cause;
  }
  const { total, named, unwanted, unknown, undated } = records.counts;
  report.end(
    `Read ${total} records, ${named} of them to replay (${unwanted} of categories that the rule does not read, ` +
      `${unknown} of unknown category, ${undated} without a time), and ${given.length} STIX objects`,
  );
}

/** What a replay prints goes to whoever gave it the objects, TLP:RED ones too. */
function sourceOf({ defaultConfidence }: ReplayArguments, { indicatorMaxAge }: RuleConfig): SourceSettings {
  return {
    name: 'replay',
    defaultConfidence,
    tlp: '',
    maxAgeMs: indicatorMaxAge,
    useDstRef: false,
    allowRedDescription: true,
  };
}

/** The lines to print of one instant. */
function evaluationAt(
  input: ReplayInput,
  tables: ReturnType<typeof letterTables>,
  at: number,
  { semantics, compare, format }: ReplayArguments,
): readonly string[] {
  const isTable = format === 'table';
  if (compare) {
    // The rule to the letter knows no allow list: what one drops is no difference of the semantics.
    const repaired = replayAt({ ...input, allowLists: noAllowLists }, at);
    const compared = compareReplay(tables, at, letterRows(tables, input.records, at), repaired);
    return isTable ? comparisonTable(compared) : compared.map((row) => JSON.stringify(row));
  }
  if (semantics === 'kql') {
    const rows = letterRows(tables, input.records, at);
    return isTable ? rowTable(rows) : withWindow(rows, at, input.rule).map((row) => JSON.stringify(row));
  }
  const alerts = replayAt(input, at);
  return isTable ? alertTable(alerts) : alerts.map((alert) => JSON.stringify(alert));
}

async function printHourly(
  input: ReplayInput,
  { format }: ReplayArguments,
  output: ReplayTools['output'],
): Promise<void> {
  if (format === 'table') {
    await output.write(alertTable([...replayHourly(input)]));
    return;
  }
  let batch: string[] = [];
  for (const alert of replayHourly(input)) {
    batch.push(JSON.stringify(alert));
    if (batch.length < batchSize) continue;
    await output.write(batch);
    batch = [];
  }
  await output.write(batch);
}

/** Whether whoever read the output has gone, as `| head` does. */
function isClosedPipe(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && (cause.code === 'EPIPE' || cause.code === 'ERR_STREAM_DESTROYED');
}
