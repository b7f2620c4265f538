import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import type { Alert } from '../../src/core/alert/alert.ts';
import { rowColumns } from '../../src/core/alert/row.ts';
import { play } from './player.ts';
import { goldenScenarios } from './scenarios.ts';

/** The last alert that tells of evidence, and why the finding closed before its window emptied. */
function outcome(alerts: readonly Alert[]) {
  const told = alerts.filter((alert) => alert.activity !== 'close');
  const last = told.reduce((most, alert) => (alert.row.OperationCount > most.row.OperationCount ? alert : most));
  const reasons = alerts.flatMap((alert) => (alert.activity === 'close' ? [alert.closeReason] : []));
  return { last, reasons };
}

/** The digest names how an index was built, which may change without any alert being another. */
function withoutDigest(alert: Alert): Alert {
  return { ...alert, indexVersion: alert.indexVersion.replace(/-[0-9a-f]+$/, '-digest') };
}

describe.each(goldenScenarios().map((scenario) => [scenario.incident.name, scenario] as const))(
  '%s',
  (name, scenario) => {
    const { alerts, tally } = play(scenario);
    const { expectation } = scenario.incident;

    it('emits exactly the alerts that were reviewed', async () => {
      const text = await format(JSON.stringify(alerts.map(withoutDigest)), { parser: 'json', printWidth: 120 });
      await expect(text).toMatchFileSnapshot(`${name}.json`);
    });

    it('emits alerts about the findings of the story and nothing else', () => {
      const findings = expectation.quiet ? [] : expectation.findings.map(({ caller, ip }) => `${caller} ${ip}`);
      expect(new Set(alerts.map((alert) => `${alert.caller} ${alert.ip}`))).toEqual(new Set(findings));
      for (const alert of alerts) expect(Object.keys(alert.row)).toEqual(rowColumns);
      expect(new Set(alerts.map((alert) => alert.id)).size).toBe(alerts.length);
    });

    it('counts what the story tells, no more and no less', () => {
      for (const finding of expectation.quiet ? [] : expectation.findings) {
        const { last, reasons } = outcome(
          alerts.filter(({ caller, ip }) => caller === finding.caller && ip === finding.ip),
        );
        expect(last.row.OperationCount).toBe(finding.operations);
        expect(last.row.UserSigninCount ?? 0).toBe(finding.userSignIns);
        expect(last.row.SPSigninCount ?? 0).toBe(finding.servicePrincipalSignIns);
        expect(last.corroboration.grade).toBe(finding.grade);
        expect(reasons).toEqual([finding.closed ?? 'window-empty']);
      }
    });

    it('reads every record of the ordinary traffic around it', () => {
      const records = tally.records().reduce((sum, [, , count]) => sum + count, 0);
      expect(records).toBe(scenario.messages.flatMap((message) => message.kinds).length);
      expect(records).toBeGreaterThan(500);
    });
  },
);
