/** What trying one connection came to. */
export interface ProbeOutcome {
  /** `warn`: it is reached, and something about it wants to be looked at. */
  readonly status: 'ok' | 'warn' | 'fail';
  /** What works, or what failed with the option that mends it. */
  readonly detail: string;
}

/** A try of one connection, as the service will use it. */
export interface Probe {
  readonly name: string;
  run(): Promise<ProbeOutcome>;
}

export function reached(detail: string): ProbeOutcome {
  return { status: 'ok', detail };
}

export function failed({ message }: { readonly message: string }): ProbeOutcome {
  return { status: 'fail', detail: message };
}

/** A feed that answers; an empty one counts as loaded, but nothing can match by it. */
export function feedReached({ detail, objects }: { readonly detail: string; readonly objects: number }): ProbeOutcome {
  return objects > 0 ? reached(detail) : { status: 'warn', detail: `${detail}: the feed is empty, nothing can match` };
}
