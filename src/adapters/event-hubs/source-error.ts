import type { SourceError } from '../../core/ports.ts';
import type { SourceErrorCode } from '../../core/source-error-code.ts';
import type { EventHubStream } from './connection.ts';
import type { Loss } from './losses.ts';

/** What was being done when the error came up. */
export type Attempt = 'read-hub' | 'read-partition' | 'open-reader' | 'keep-ownership';

export interface ErrorContext {
  readonly attempt: Attempt;
  readonly stream: Pick<EventHubStream, 'name' | 'hubOption' | 'connectionOption'>;
  readonly consumerGroup: string;
  /** Null when the error belongs to the hub. */
  readonly partition: string | null;
}

/** One error of the SDK, as far as it tells what happened. */
export interface Fault {
  readonly name: string;
  readonly code: string;
  readonly status: number | null;
  readonly text: string;
}

/**
 * The single errors inside an error. After several attempts the SDK throws an AggregateError with an empty message and
 * no code, which says nothing until it is unfolded; equal texts are kept once.
 */
export function unfold(error: unknown): readonly Error[] {
  const parts: unknown[] = error instanceof AggregateError ? error.errors : [];
  const flat = parts.length > 0 ? parts.flatMap(unfold) : [error instanceof Error ? error : new Error(String(error))];
  return [...new Map(flat.map((part) => [`${part.name}: ${part.message}`, part])).values()];
}

/** Reads what an error of the SDK tells. */
export function faultOf(error: Error): Fault {
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  return {
    name: error.name,
    code: typeof code === 'string' ? code : '',
    status: typeof statusCode === 'number' ? statusCode : null,
    text: telling(error.message),
  };
}

/** The line that says what happened: the checkpoint store puts one of its own before the storage's. */
function telling(message: string): string {
  const lines = message.split('\n').map((line) => line.trim());
  return lines.find((line) => line !== '' && !line.endsWith('fetching the list of blobs.')) ?? '';
}

const unreachableCodes = new Set([
  'ConnectionForcedError',
  'ConnectionLostError',
  'OperationTimeoutError',
  'ServiceUnavailableError',
  'ServerBusyError',
  'InternalServerError',
  'DetachForcedError',
  'OperationCancelledError',
  'SystemError',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
]);

const identityErrors = new Set([
  'AuthenticationError',
  'AggregateAuthenticationError',
  'AuthenticationRequiredError',
  'CredentialUnavailableError',
]);

/** Whether the credentials were refused, by the service or by whoever gives out tokens. */
export function isRefusal({ name, code, text }: Fault): boolean {
  return code === 'UnauthorizedError' || identityErrors.has(name) || /InvalidSignature|put-token.*40[13]/i.test(text);
}

function isStorageError({ name, text }: Fault, attempt: Attempt): boolean {
  return name === 'RestError' || (attempt === 'keep-ownership' && text.includes('RestError'));
}

function codeOf(fault: Fault, { attempt, consumerGroup }: ErrorContext): SourceErrorCode {
  if (isStorageError(fault, attempt)) {
    return fault.status === 401 || fault.status === 403 ? 'storage_unauthorized' : 'storage_unavailable';
  }
  if (isRefusal(fault)) return 'unauthorized';
  if (fault.code === 'MessagingEntityNotFoundError' || fault.code === 'ServiceCommunicationError') {
    // The service names a consumer group as namespace:eventhub:hub~n|group. A reader is opened only on a hub that was
    // found, so what it misses is the group.
    const namesGroup = fault.text.toLowerCase().includes(`|${consumerGroup.toLowerCase()}'`);
    return namesGroup || attempt === 'open-reader' ? 'consumer_group_not_found' : 'hub_not_found';
  }
  if (fault.code === 'ArgumentError' && /supplied (offset|sequence number) .* is invalid/i.test(fault.text)) {
    return 'position_invalid';
  }
  return unreachableCodes.has(fault.code) || unreachableCodes.has(fault.name) ? 'unreachable' : 'unknown';
}

const actions: Readonly<Record<Attempt, string>> = {
  'read-hub': 'read the properties of',
  'read-partition': 'read the properties of a partition of',
  'open-reader': 'read',
  'keep-ownership': 'keep the ownership of the partitions of',
};

function messageOf(code: SourceErrorCode, text: string, context: ErrorContext): string {
  const { name, hubOption, connectionOption } = context.stream;
  const place = context.partition === null ? `hub ${name}` : `partition ${context.partition} of hub ${name}`;
  const cannot = `Cannot ${context.partition === null ? actions[context.attempt] : 'read'} ${place}`;
  switch (code) {
    case 'unauthorized':
      return `${cannot} as the credentials were refused: check ${connectionOption}; the service said: ${text}`;
    case 'hub_not_found':
      return `${cannot} as the namespace has no such hub: create it or set ${hubOption}; the service said: ${text}`;
    case 'consumer_group_not_found':
      return `Cannot read hub ${name} as it has no consumer group ${context.consumerGroup}: create it or set CONSUMER_GROUP; the service said: ${text}`;
    case 'position_invalid':
      return `${cannot} as the hub does not know the position reached before, as after it was made anew: reset the position or set RESET_ON_RECREATE=on; the service said: ${text}`;
    case 'storage_unauthorized':
      return `${cannot} as the storage refused the credentials: check STORAGE_CONNECTION_STRING or STORAGE_ACCOUNT_URL; the storage said: ${text}`;
    case 'storage_unavailable':
      return `${cannot} as the storage failed: check STORAGE_CONNECTION_STRING and STORAGE_CONTAINER; the storage said: ${text}`;
    case 'unreachable':
      return `${cannot} as Event Hubs did not answer: check ${connectionOption} and the network; the client said: ${text}`;
    case 'hub_reset':
    case 'correlation_changed':
    case 'events_lost':
    case 'unknown':
      return `${cannot}: ${text}`;
  }
}

/** Turns what the SDK threw into an error that says what failed, what the service answered, and what mends it. */
export function sourceError(error: unknown, context: ErrorContext, at: number): SourceError {
  const faults = unfold(error).map(faultOf);
  // The first of the codes that an operator can mend tells more than a time-out beside it.
  const codes = faults.map((fault) => codeOf(fault, context));
  const mendable = codes.findIndex((code) => code !== 'unreachable' && code !== 'unknown');
  const chosen = mendable === -1 ? codes.length - 1 : mendable;
  const code = codes[chosen] ?? 'unknown';
  const fault = faults[chosen];
  const text = fault === undefined ? '' : [fault.code, fault.text].filter((part) => part !== '').join(': ');
  return { code, message: messageOf(code, text, context), at };
}

/** A hub whose numbers started again: nothing is skipped in silence, so reading stops until someone decides. */
export function hubReset(
  { name }: Pick<EventHubStream, 'name'>,
  partition: string,
  evidence: string,
  at: number,
): SourceError {
  const message = `Cannot go on with partition ${partition} of hub ${name} as the hub was made anew: ${evidence}; reset its position or set RESET_ON_RECREATE=on`;
  return { code: 'hub_reset', message, at };
}

/** The evidence that lies in a hub's created_at. */
export function recreated(beforeMs: number, nowMs: number): string {
  return `its created_at was ${new Date(beforeMs).toISOString()} and is ${new Date(nowMs).toISOString()}`;
}

/** Events that retention took before they were read: reading goes on behind them, and what they held is missing. */
export function eventsLost(
  { name }: Pick<EventHubStream, 'name'>,
  partition: string,
  { events, from, to }: Loss,
  at: number,
): SourceError {
  const range = from === to ? `number ${from}` : `numbers ${from} to ${to}`;
  const message = `Cannot read ${events} events of partition ${partition} of hub ${name} as the hub deleted them before they were read (${range}): let the hub keep its events for longer than reading may be away; what these events held is missing`;
  return { code: 'events_lost', message, at };
}

/** Whether the error is the ordinary end of a reader whose partition another process took. */
export function isOwnershipLost(error: unknown): boolean {
  return unfold(error).some((part) => faultOf(part).code === 'ReceiverDisconnectedError');
}
