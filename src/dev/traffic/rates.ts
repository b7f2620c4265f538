/** Mean records a second; operations count once, though each makes two or three records. */
export interface TrafficRates {
  readonly operations: number;
  readonly signIns: number;
  readonly servicePrincipalSignIns: number;
  readonly nonInteractiveSignIns: number;
  readonly managedIdentitySignIns: number;
  readonly auditLogs: number;
  readonly graphActivity: number;
  readonly keyVault: number;
  readonly metrics: number;
  /** Records that Azure itself writes into the Activity log: resource health, autoscale. */
  readonly platform: number;
}

/** A company of some hundred people, in the proportions of Entra's planning tables. */
export const defaultRates: TrafficRates = {
  operations: 0.5,
  signIns: 0.5,
  servicePrincipalSignIns: 0.5,
  nonInteractiveSignIns: 1,
  managedIdentitySignIns: 0.3,
  auditLogs: 0.2,
  graphActivity: 1,
  keyVault: 0.5,
  metrics: 0.3,
  platform: 0.05,
};

/** Probabilities of what goes wrong on the way. */
export interface TrafficFaults {
  /** A message arrives again, unchanged. */
  readonly duplicate: number;
  /** Entra publishes a sign-in again under the same id with the risk it has settled on. */
  readonly republish: number;
  /** A message takes minutes longer than usual. */
  readonly straggler: number;
  /** A message holds a record that is no JSON. */
  readonly poison: number;
}

export const defaultFaults: TrafficFaults = { duplicate: 0.004, republish: 0.004, straggler: 0.006, poison: 0.0008 };

const hourly = [
  0.4, 0.35, 0.35, 0.4, 0.5, 0.7, 1.1, 1.5, 1.8, 1.9, 1.8, 1.6, 1.5, 1.7, 1.7, 1.5, 1.2, 0.9, 0.7, 0.6, 0.5, 0.45, 0.45,
  0.4,
];

/** How busy an hour of the day (UTC) is; the mean over a day is 1. */
export function dayShape(ms: number): number {
  return hourly[new Date(ms).getUTCHours()] ?? 1;
}
