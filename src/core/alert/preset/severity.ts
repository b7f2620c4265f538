import type { Alert } from '../alert.ts';

/** Levels of Microsoft Sentinel. */
export const severityLevels = ['Informational', 'Low', 'Medium', 'High'] as const;
export type AlertSeverity = (typeof severityLevels)[number];

/** The severity that an alert has. */
export function severityOf(alert: Pick<Alert, 'rule'>): AlertSeverity {
  return alert.rule.severity;
}
