import { parseAddress } from '../core/address.ts';
import type { Alert } from '../core/alert/alert.ts';
import { fold } from '../core/observation.ts';
import type { AlertsQuery } from './views.ts';

function isWanted(alert: Alert, { caller, ip, activity, silenced }: AlertsQuery): boolean {
  if (caller !== null && fold(alert.caller) !== fold(caller)) return false;
  if (activity !== null && alert.activity !== activity) return false;
  if (silenced !== null && (alert.silenced !== null) !== silenced) return false;
  if (ip === null) return true;
  const address = parseAddress(alert.ip);
  return address !== null && typeof address === typeof ip.first && address >= ip.first && address <= ip.last;
}

/** The first alerts that a query wants, in the order given. */
export function chooseAlerts(alerts: readonly Alert[], query: AlertsQuery): readonly Alert[] {
  return alerts.filter((alert) => isWanted(alert, query)).slice(0, query.limit);
}
