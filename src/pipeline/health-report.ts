export type HealthStatus = 'pass' | 'warn' | 'fail';

/** What a check of one component found. */
export interface Finding {
  readonly componentId: string;
  readonly status: HealthStatus;
  /** The reason in a sentence; always there unless the component passes. */
  readonly output?: string;
  readonly observedValue?: number | string | boolean | null;
  readonly observedUnit?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface HealthCheck extends Finding {
  readonly componentType: 'component' | 'datastore' | 'system';
  readonly time: string;
}

/**
 * The health document, media type application/health+json
 * (https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-06). Keys of `checks` are component:measurement.
 */
export interface HealthReport {
  readonly status: HealthStatus;
  readonly version: string;
  readonly releaseId: string;
  readonly serviceId: 'tidewatch';
  readonly description: string;
  /** Every reason for a status other than pass, the failures first. */
  readonly notes: readonly string[];
  /** The notes in one text; absent when everything passes. */
  readonly output?: string;
  readonly checks: Readonly<Record<string, readonly HealthCheck[]>>;
}

export interface Readiness {
  readonly ready: boolean;
  /** Why not; "ready" otherwise. */
  readonly reason: string;
}
