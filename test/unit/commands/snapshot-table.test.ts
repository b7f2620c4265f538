import { beforeAll, describe, expect, test } from 'vitest';
import { damagedHeadTable, inspectTable, verifyTable } from '../../../src/commands/snapshot-table.ts';
import { blobsOf, type Head } from '../../../src/pipeline/manifest.ts';
import { inspectSnapshot, type SnapshotReport } from '../../../src/pipeline/snapshot-report.ts';
import { verifySnapshot } from '../../../src/pipeline/snapshot-verification.ts';
import { MemoryStateStore } from '../../support/memory-state-store.ts';
import { storedState } from '../../support/snapshot-rig.ts';
import { headOf, realCodec } from '../../support/state-rig.ts';

let place: MemoryStateStore;
let head: Head;
let report: SnapshotReport;

beforeAll(async () => {
  place = new MemoryStateStore();
  await storedState(place);
  head = await headOf(place, realCodec);
  report = await inspectSnapshot(place.open(), realCodec, 'current');
});

/** The lines that hold every one of some texts as words of their own. */
function withWords(lines: readonly string[], ...words: readonly string[]): string[] {
  return lines.filter((line) => words.every((word) => line.split(/ {2,}/).includes(word)));
}

describe('inspectTable', () => {
  test('names the place, the owner, and every blob with its bytes', () => {
    const lines = inspectTable(report, 'blob:state/ in container tidewatch');
    expect(withWords(lines, 'State', 'blob:state/ in container tidewatch')).toHaveLength(1);
    expect(withWords(lines, 'Owner', 'owner-1')).toHaveLength(1);
    for (const [name, manifest] of [
      ['current', head.current],
      ['previous', head.previous],
    ] as const)
      for (const blob of blobsOf(manifest))
        expect(withWords(lines, name, blob.name, String(blob.bytes)), `${name} ${blob.name}`).toHaveLength(1);
    expect(withWords(lines, 'current', 'feed', 'cursor-2')).toHaveLength(1);
    expect(withWords(lines, 'previous', 'feed', 'cursor-1')).toHaveLength(1);
  });

  test('has a line of every position, watermark and sink, whole however long they are', () => {
    const { state } = report;
    if (state === null) throw new Error('Cannot print a state as there is none');
    const origin = `${'a-long-namespace.servicebus.windows.net/'.repeat(3)}insights-logs-serviceprincipalsigninlogs/31`;
    const positions = [...state.positions, { origin, sequenceNumber: 7, offset: '4242', enqueuedAt: 'then' }];
    const watermarks = [...state.watermarks, { partition: origin, at: 'later' }];
    const lines = inspectTable({ ...report, state: { ...state, positions, watermarks } }, 'file:s');
    expect(positions.length).toBeGreaterThan(2);
    for (const { origin: name, sequenceNumber, offset, enqueuedAt } of positions)
      expect(withWords(lines, name, String(sequenceNumber), offset, enqueuedAt)).toHaveLength(1);
    for (const { partition, at } of watermarks) expect(withWords(lines, partition, at).length).toBeGreaterThan(0);
    for (const { sink, alerts } of state.alerts.waiting) expect(withWords(lines, sink, String(alerts))).toHaveLength(1);
  });

  test('tells what the state holds', () => {
    const lines = inspectTable(report, 'file:s');
    for (const line of [
      ['Next flush', '2026-03-02T13:00:00Z'],
      ['Addresses', '31, 1 pinned, 30 candidates'],
      ['Pairs of caller and address', '33'],
      ['Panes, activity', '33'],
      ['Panes, user', '1'],
      ['Findings', '3, 3 open'],
      ['Alerts emitted', '3 create, 0 update, 0 close'],
      ['Deferred records', '0'],
      ['Eviction marks', '0'],
      ['Expired uses', '0'],
    ])
      expect(withWords(lines, ...line), line.join(' ')).toHaveLength(1);
  });

  test('says that nothing is stored, that there is no such state, or why it cannot be used', () => {
    const empty = { ...report, head: null, current: null, previous: null, state: null };
    expect(inspectTable(empty, 'file:s')).toEqual(['No state is stored at file:s']);
    const without = inspectTable({ ...report, manifest: 'previous', previous: null, state: null }, 'file:s');
    expect(without.at(-1)).toBe('There is no previous state');
    const damaged = inspectTable({ ...report, state: null, problem: 'Cannot read 1-1-base' }, 'file:s');
    expect(damaged.at(-1)).toBe('The current state cannot be used: Cannot read 1-1-base');
  });

  test('shows no control sequence that somebody wrote into a name', () => {
    const lines = inspectTable({ ...report, head: { epoch: 1, owner: '\u001b[2J' } }, 'file:s');
    expect(lines.join('\n')).not.toContain('\u001b');
  });
});

describe('verifyTable', () => {
  test('has a line of every blob and says what a restart does', async () => {
    const verification = await verifySnapshot(place.open(), realCodec);
    const lines = verifyTable(verification, 'file:s');
    expect(withWords(lines, 'ok', 'head')).toHaveLength(1);
    for (const { name, bytes } of [...blobsOf(head.current), ...blobsOf(head.previous)])
      expect(withWords(lines, 'ok', name, String(bytes))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('fail'))).toEqual([]);
    expect(lines.at(-1)).toMatch(/^A restart goes on from the current state, generation 2 of 2026-03-02T12:00:00Z$/);
  });

  test('names every blob that is damaged, what is wrong, and what a restart does then', async () => {
    const spoilt = new MemoryStateStore();
    await storedState(spoilt);
    const delta = head.current?.deltas[0]?.name ?? '';
    const set = head.previous?.feeds[0]?.blob.name ?? '';
    spoilt.corrupt(delta, 5);
    await spoilt.delete(set);
    const lines = verifyTable(await verifySnapshot(spoilt, realCodec), 'file:s');
    const failed = lines.filter((line) => line.startsWith('fail'));
    expect(failed).toHaveLength(2);
    expect(failed.find((line) => line.includes(`${delta} `))).toMatch(
      /its SHA-256 is not what its manifest says; a restart goes on from the previous state, generation 1 of 2026-03-02T12:00:00Z$/,
    );
    expect(failed.find((line) => line.includes(`${set} `))).toMatch(
      /it is not there; a restart fetches feed feed whole$/,
    );
    expect(lines.at(-1)).toMatch(/^A restart goes on from the previous state, .*, and fetches whole: feed$/);
  });

  test('says that nothing is stored, and what becomes of a head that cannot be read', async () => {
    const verification = await verifySnapshot(new MemoryStateStore(), realCodec);
    expect(verifyTable(verification, 'file:s')).toEqual([
      'No state is stored at file:s',
      'A restart begins without state and reads the last LOOKBACK',
    ]);
    expect(damagedHeadTable('its digest differs').at(-1)).toMatch(
      /^fail +head +its digest differs; a restart reads the last LOOKBACK again and fetches every feed whole$/,
    );
  });
});
