import type { EventTime } from './time.ts';

/** What a record is, told by its category and resource, never by the hub it came by. */
export type Stream = 'activity' | 'sign_in' | 'service_principal' | 'non_interactive' | 'managed_identity';

export type SignInStream = Exclude<Stream, 'activity'>;

interface CommonFields {
  /** Place of the raw record in its message, counted before anything is filtered. */
  readonly index: number;
  /** Category as delivered. */
  readonly category: string;
  /** Event time, null when absent or unreadable. */
  readonly time: EventTime | null;
  /** Caller address exactly as delivered, "" when absent. */
  readonly address: string;
  /** `resultType` as text, "" when absent. */
  readonly resultType: string;
}

/** A record of the Activity log, with the columns of AzureActivity that the rule reads. Text fields are "" when absent. */
export interface ActivityRecord extends CommonFields {
  readonly stream: 'activity';
  /** Derived from identity.claims; see decode/caller.ts. */
  readonly caller: string;
  /** The objectidentifier claim of the caller. */
  readonly objectId: string;
  readonly operation: string;
  readonly resourceId: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly correlationId: string;
}

/** A sign-in record, with the columns of the Entra tables that the rule reads. Text fields are "" when absent. */
export interface SignInRecord extends CommonFields {
  readonly stream: SignInStream;
  /** `properties.id`, the same for every copy of one sign-in. */
  readonly id: string;
  /** userPrincipalName of a user, servicePrincipalName of a service principal or managed identity. */
  readonly principal: string;
  /** userId of a user, servicePrincipalId otherwise. */
  readonly objectId: string;
  readonly app: string;
  /** riskLevelAggregated as delivered. */
  readonly risk: string;
}

export type AzureRecord = ActivityRecord | SignInRecord;

/** A record with what its message said of it: when and where Event Hubs took it. */
export interface ReceivedRecord {
  readonly record: AzureRecord;
  /** Milliseconds since 1970 at which Event Hubs enqueued the message. */
  readonly enqueuedMs: number;
  /** Unique name of the record's place in the log: origin, sequence number, index. */
  readonly place: string;
}
