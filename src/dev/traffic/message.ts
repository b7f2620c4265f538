/** Which of the configured hubs a diagnostic setting writes a message to. */
export const hubRoles = ['activity', 'signIn', 'servicePrincipal', 'nonInteractive', 'managedIdentity'] as const;
export type HubRole = (typeof hubRoles)[number];

/** What a generated record is, for whoever counts what a decoder makes of it. */
export type RecordKind =
  | 'activity'
  | 'sign_in'
  | 'service_principal'
  | 'non_interactive'
  | 'managed_identity'
  /** Readable, of a category that no rule reads. */
  | 'unread'
  /** Beyond reading and mending, and names a category that a rule reads. */
  | 'unreadable';

export interface GeneratedRecord {
  readonly kind: RecordKind;
  readonly text: string;
}

export interface GeneratedMessage {
  readonly hub: HubRole;
  /** UTF-8 text without a line feed, so that a file can hold one body a line. */
  readonly body: Uint8Array;
  /** Milliseconds since 1970 at which Event Hubs takes the message. */
  readonly enqueuedMs: number;
  /** Kind of each record of the body, in order. */
  readonly kinds: readonly RecordKind[];
}

const encoder = new TextEncoder();

/** Entra splits a batch beyond 256 KB (Microsoft Entra documentation, concept-log-monitoring-integration-options). */
export const maxBatchBytes = 256 * 1024;

/** Wraps records in the envelope of diagnostic settings: `{"records":[…]}`. */
export function envelope(hub: HubRole, enqueuedMs: number, records: readonly GeneratedRecord[]): GeneratedMessage {
  const texts = records.map((record) => record.text);
  return {
    hub,
    body: encoder.encode(`{"records":[${texts.join(',')}]}`),
    enqueuedMs,
    kinds: records.map((record) => record.kind),
  };
}

/** Splits records into runs whose envelopes stay within the limit, in bytes of UTF-8. */
export function splitBySize(records: readonly GeneratedRecord[], limit = maxBatchBytes): GeneratedRecord[][] {
  const runs: GeneratedRecord[][] = [];
  let run: GeneratedRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = encoder.encode(record.text).length + 1;
    if (run.length > 0 && bytes + size > limit - 16) {
      runs.push(run);
      run = [];
      bytes = 0;
    }
    run.push(record);
    bytes += size;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}
