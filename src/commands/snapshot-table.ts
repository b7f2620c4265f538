import type { ManifestName } from '../pipeline/snapshot-head.ts';
import type { ManifestSummary, SnapshotReport, StateSummary } from '../pipeline/snapshot-report.ts';
import type { Verification } from '../pipeline/snapshot-verification.ts';
import { alignTable } from './replay-table.ts';

type Line = readonly string[];

/** Cells are not cut: the end of an origin is its partition, that of a fault what a restart does. */
function table(heads: Line, lines: readonly Line[]): string[] {
  return alignTable(heads, lines, Number.POSITIVE_INFINITY);
}

/** Names and what stands behind them, a line each. */
function list([first, ...others]: readonly [Line, ...Line[]]): string[] {
  return table(first, others);
}

function paragraphs(...parts: readonly (readonly string[])[]): string[] {
  return parts.filter((part) => part.length > 0).flatMap((part, index) => (index === 0 ? part : ['', ...part]));
}

/** What `snapshot inspect` prints for people; `place` is where the state is kept. */
export function inspectTable(report: SnapshotReport, place: string): string[] {
  const { head, current, previous, manifest, state, problem } = report;
  if (head === null) return [`No state is stored at ${place}`];
  return paragraphs(
    list([
      ['State', place],
      ['Epoch', String(head.epoch)],
      ['Owner', head.owner],
    ]),
    blobTable(current, previous),
    feedTable(current, previous),
    state === null ? [missing(manifest, problem)] : [`The ${manifest} state`, ...stateList(state)],
    state === null ? [] : positionTable(state),
    state === null ? [] : watermarkTable(state),
    state === null ? [] : sinkTable(state),
  );
}

function missing(manifest: ManifestName, problem: string | null): string {
  if (problem === null) return `There is no ${manifest} state`;
  return `The ${manifest} state cannot be used: ${problem}`;
}

function ofBoth(
  current: ManifestSummary | null,
  previous: ManifestSummary | null,
  lines: (name: string, manifest: ManifestSummary) => Line[],
): Line[] {
  return [
    ...(current === null ? [] : lines('current', current)),
    ...(previous === null ? [] : lines('previous', previous)),
  ];
}

function blobTable(current: ManifestSummary | null, previous: ManifestSummary | null): string[] {
  const lines = ofBoth(current, previous, (name, { generation, takenAt, indexOrdinal, base, deltas }) => [
    [name, String(generation), takenAt, String(indexOrdinal), 'base', base.name, String(base.bytes)],
    ...deltas.map((delta, index) => [name, '', '', '', `delta ${index + 1}`, delta.name, String(delta.bytes)]),
  ]);
  if (lines.length === 0) return [];
  return table(['MANIFEST', 'GENERATION', 'TAKEN', 'INDEX', 'PART', 'BLOB', 'BYTES'], lines);
}

function feedTable(current: ManifestSummary | null, previous: ManifestSummary | null): string[] {
  const lines = ofBoth(current, previous, (name, { feeds }) =>
    feeds.map(({ feed, cursor, blob }) => [name, feed, blob.name, String(blob.bytes), cursor ?? 'none']),
  );
  return lines.length === 0 ? [] : table(['MANIFEST', 'FEED', 'BLOB', 'BYTES', 'CURSOR'], lines);
}

function stateList(state: StateSummary): string[] {
  const { addresses, panes, findings, alerts } = state;
  const emitted = Object.entries(alerts.emitted).map(([activity, count]) => `${count} ${activity}`);
  return list([
    ['Next flush', state.nextFlush],
    ['First flush', state.firstFlush],
    ['Catches up until', state.warmUntil ?? 'caught up'],
    ['LOOKBACK', `${state.lookbackMs} ms`],
    ['FLUSH_INTERVAL', `${state.flushIntervalMs} ms`],
    ['Addresses', `${addresses.all}, ${addresses.pinned} pinned, ${addresses.candidates} candidates`],
    ['Pairs of caller and address', String(state.pairs)],
    ...Object.entries(panes).map(([kind, count]) => [`Panes, ${kind}`, String(count)]),
    ['Deferred records', String(state.deferred)],
    ['Findings', `${findings.all}, ${findings.open} open`],
    ['Alerts emitted', emitted.join(', ')],
    ['Eviction marks', String(state.evictionMarks)],
    ['Expired uses', String(state.expiredUses)],
  ]);
}

function positionTable({ positions }: StateSummary): string[] {
  if (positions.length === 0) return ['No positions: nothing was read yet'];
  return table(
    ['ORIGIN', 'SEQUENCE NUMBER', 'OFFSET', 'ENQUEUED'],
    positions.map(({ origin, sequenceNumber, offset, enqueuedAt }) => [
      origin,
      String(sequenceNumber),
      offset,
      enqueuedAt,
    ]),
  );
}

function watermarkTable({ watermarks }: StateSummary): string[] {
  if (watermarks.length === 0) return ['No watermarks: no partition has reported yet'];
  return table(
    ['PARTITION', 'WATERMARK'],
    watermarks.map(({ partition, at }) => [partition, at]),
  );
}

function sinkTable({ alerts }: StateSummary): string[] {
  if (alerts.waiting.length === 0) return [];
  return table(
    ['SINK', 'ALERTS WAITING'],
    alerts.waiting.map(({ sink, alerts: count }) => [sink, String(count)]),
  );
}

/** What `snapshot verify` prints: a line a blob, and what a restart does with them all. */
export function verifyTable({ head, blobs, restart }: Verification, place: string): string[] {
  if (head === null) return [`No state is stored at ${place}`, `A restart ${restart.summary}`];
  const lines = [
    ['ok', 'head', '', '', `epoch ${head.epoch} of ${head.owner}`],
    ...blobs.map(({ reference, parts, fault }) => [
      fault === null ? 'ok' : 'fail',
      reference.name,
      String(reference.bytes),
      parts.join(', '),
      fault === null ? '' : `${fault}; a restart ${restart.consequenceOf(reference.name)}`,
    ]),
  ];
  return [...table(['RESULT', 'BLOB', 'BYTES', 'PART', 'DETAIL'], lines), '', `A restart ${restart.summary}`];
}

/** What `snapshot verify` prints of a head that cannot be read. */
export function damagedHeadTable(fault: string): string[] {
  return table(
    ['RESULT', 'BLOB', 'DETAIL'],
    [['fail', 'head', `${fault}; a restart reads the last LOOKBACK again and fetches every feed whole`]],
  );
}
