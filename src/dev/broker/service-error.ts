import { randomUUID } from 'node:crypto';

/** An error as it goes over the wire: an AMQP condition symbol and the text for people. */
export interface ServiceError {
  readonly condition: string;
  readonly description: string;
}

/**
 * An error in the service's own form: every text ends with tracking id, system tracker and timestamp. The client
 * derives some of its codes from the text, so the sentences are the service's.
 * @param at milliseconds since 1970 for the timestamp
 */
export function serviceError(condition: string, text: string, tracker: string, at: number): ServiceError {
  const stamp = new Date(at).toISOString().slice(0, 19);
  return {
    condition,
    description: `${text} TrackingId:${randomUUID()}_G0, SystemTracker:${tracker}, Timestamp:${stamp}`,
  };
}

/** The entity a link, a token or a management request names does not exist. */
export function entityNotFound(entity: string, at: number): ServiceError {
  const text = `The messaging entity '${entity}' could not be found. To know more visit https://aka.ms/sbResourceMgrExceptions.`;
  return serviceError('amqp:not-found', text, entity, at);
}

/** The partition a link or a management request names does not exist. */
export function partitionOutOfRange(hub: string, partitionCount: number, at: number): ServiceError {
  const text =
    'The specified partition is invalid for an EventHub partition sender or receiver. ' +
    `It should be between 0 and ${partitionCount - 1}.`;
  return serviceError('com.microsoft:argument-out-of-range', text, hub, at);
}
