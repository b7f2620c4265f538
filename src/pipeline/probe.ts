/** What trying one connection came to. */
export interface ProbeOutcome {
  readonly ok: boolean;
  /** What works, or what failed with the option that mends it. */
  readonly detail: string;
}

/** A try of one connection, as the service will use it. */
export interface Probe {
  readonly name: string;
  run(): Promise<ProbeOutcome>;
}
