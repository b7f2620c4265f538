import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable } from '../../../src/commands/printable.ts';
import { ReplayReport } from '../../../src/commands/replay-report.ts';
import { alertTable, alignTable, comparisonTable, rowTable } from '../../../src/commands/replay-table.ts';
import { anAlert } from '../../support/sample-alert.ts';

test('columns begin at the same place in every line', () => {
  const cells = fc.array(fc.tuple(fc.stringMatching(/^[a-z]{1,30}$/), fc.stringMatching(/^[a-z]{1,30}$/)), {
    maxLength: 5,
  });
  fc.assert(
    fc.property(cells, (lines) => {
      const table = alignTable(['ONE', 'TWO'], lines);
      const place = table[0]!.indexOf('TWO');
      expect(table).toHaveLength(lines.length + 1);
      lines.forEach(([one, two], index) => {
        expect(table[index + 1]).toBe(`${one.padEnd(place)}${two}`);
      });
    }),
  );
});

test('no text of a log reaches a terminal as a control sequence', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printable(text)).not.toMatch(/[\p{Cc}\u2028\u2029\u202e]/u);
    }),
  );
  const { row } = anAlert();
  expect(rowTable([{ ...row, Caller: '\u001b[2J' }])[1]).toMatch(/^\\u001b\[2J/);
});

test('an alert is one line with its caller, address and grade; a close says why', () => {
  const alert = anAlert();
  const [head, created, closed] = alertTable([alert, { ...alert, activity: 'close', closeReason: 'window-empty' }]);
  expect(head).toMatch(/^EMITTED +ALERT +WINDOW END +CALLER +ADDRESS/);
  expect(created).toContain(alert.caller);
  expect(created).toContain(alert.ip);
  expect(created).toMatch(new RegExp(`${alert.corroboration.grade}$`));
  expect(closed).toContain('close window-empty');
});

test('a comparison has a line a column that differs, and says what its reasons mean', () => {
  const table = comparisonTable([
    { caller: 'ann', ip: '198.51.100.7', side: 'both', columns: [], reasons: [] },
    {
      caller: 'bob',
      ip: '198.51.100.8',
      side: 'both',
      columns: [{ column: 'OperationCount', kql: 2, repaired: 1, reasons: ['duplicate-records'] }],
      reasons: ['duplicate-records'],
    },
    { caller: 'eve', ip: '198.51.100.9', side: 'kql', columns: [], reasons: ['revoked-version'] },
  ]);
  expect(table[1]).toMatch(/^ann +198\.51\.100\.7 +equal$/);
  expect(table[2]).toMatch(/^bob +198\.51\.100\.8 +differs +OperationCount +2 +1 +duplicate-records$/);
  expect(table[3]).toMatch(/^eve +198\.51\.100\.9 +kql only +revoked-version$/);
  expect(table.slice(4)).toEqual([
    '',
    'duplicate-records: KQL counts every copy of a record',
    'revoked-version: KQL still matches an earlier version of an indicator whose newest version is revoked',
  ]);
});

test('a report shows the first hundred problems, counts all, and tells progress on a terminal alone', () => {
  const written: string[] = [];
  const report = new ReplayReport({ write: (text: string) => written.push(text) });
  for (let index = 1; index <= 150; index++) {
    report.problem(`problem ${index}`);
    report.progress('far');
  }
  report.end('done');
  expect(report.problems).toBe(150);
  expect(written).toHaveLength(102);
  expect(written.slice(99)).toEqual(['problem 100\n', '50 more could not be read\n', 'done\n']);
  const seen: string[] = [];
  const terminal = new ReplayReport({ isTTY: true, write: (text: string) => seen.push(text) });
  terminal.progress('a file: 1 record');
  expect(seen.join('')).toContain('a file: 1 record');
});
