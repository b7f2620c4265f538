import type { Alert } from '../alert.ts';

/** The severities of Microsoft Sentinel, mildest first. */
export const severities = ['Informational', 'Low', 'Medium', 'High'] as const;
export type Severity = (typeof severities)[number];

/** How severe an alert is. */
export function severityOf(alert: Alert): Severity {
  return alert.rule.severity;
}

/** Where the native document says it, for the mapping page. */
export const severitySource = 'rule.severity';
