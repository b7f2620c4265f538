import { MessagingError } from '@azure/event-hubs';
import { describe, expect, test } from 'vitest';
import {
  eventsLost,
  hubReset,
  isOwnershipLost,
  sourceError,
  unfold,
  type Attempt,
} from '../../../../src/adapters/event-hubs/source-error.ts';
import type { SourceErrorCode } from '../../../../src/core/source-error-code.ts';

const stream = { name: 'logs', hubOption: 'ACTIVITY_HUB', connectionOption: 'EVENTHUB_CONNECTION_STRING' };

function messaging(code: string, text: string): MessagingError {
  return Object.assign(new MessagingError(text), { code });
}

function rest(statusCode: number, text: string): Error {
  return Object.assign(new Error(text), { name: 'RestError', statusCode });
}

function codeOf(error: unknown, attempt: Attempt): SourceErrorCode {
  return sourceError(error, { attempt, stream, consumerGroup: 'tidewatch', partition: null }, 7).code;
}

const notFoundHub =
  "The messaging entity 'sb://ns.servicebus.windows.net/logs' could not be found. TrackingId:1, SystemTracker:2, Timestamp:3";
const notFoundGroup =
  "The messaging entity 'ns:eventhub:logs~16383|tidewatch' could not be found. TrackingId:1, SystemTracker:2, Timestamp:3";

describe('sourceError() tells what happened', () => {
  const cases: [string, unknown, Attempt, SourceErrorCode][] = [
    ['a refused key', messaging('UnauthorizedError', 'InvalidSignature'), 'read-hub', 'unauthorized'],
    ['a refused claim', new Error('put-token failed. status-code: 401'), 'read-hub', 'unauthorized'],
    [
      'an identity without a token',
      Object.assign(new Error('none'), { name: 'CredentialUnavailableError' }),
      'read-hub',
      'unauthorized',
    ],
    ['a missing hub', messaging('MessagingEntityNotFoundError', notFoundHub), 'read-hub', 'hub_not_found'],
    ['a missing hub by its condition', messaging('ServiceCommunicationError', 'gone'), 'read-hub', 'hub_not_found'],
    [
      'a missing group',
      messaging('MessagingEntityNotFoundError', notFoundGroup),
      'open-reader',
      'consumer_group_not_found',
    ],
    [
      'a group named in a read',
      messaging('MessagingEntityNotFoundError', notFoundGroup),
      'read-hub',
      'consumer_group_not_found',
    ],
    [
      'a stale offset',
      messaging('ArgumentError', "The supplied offset '99' is invalid. The last offset in the system is '3'"),
      'open-reader',
      'position_invalid',
    ],
    [
      'a stale number',
      messaging(
        'ArgumentError',
        "The supplied sequence number '99' is invalid. The last sequence number in the system is '3'",
      ),
      'open-reader',
      'position_invalid',
    ],
    ['another argument', messaging('ArgumentError', 'The filter is odd'), 'open-reader', 'unknown'],
    ['a closed connection', messaging('ConnectionForcedError', 'forced'), 'read-hub', 'unreachable'],
    ['a time-out', Object.assign(new Error('late'), { name: 'OperationTimeoutError' }), 'read-hub', 'unreachable'],
    ['an unknown host', Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }), 'read-hub', 'unreachable'],
    ['a refused storage key', rest(403, 'Server failed to authenticate'), 'keep-ownership', 'storage_unauthorized'],
    ['a storage that is away', rest(500, 'Internal'), 'keep-ownership', 'storage_unavailable'],
    [
      'a failed listing',
      new Error('Error occurred while fetching the list of blobs. \nRestError: x'),
      'keep-ownership',
      'storage_unavailable',
    ],
    ['anything else', new Error('odd'), 'open-reader', 'unknown'],
    ['no error at all', 'text', 'open-reader', 'unknown'],
  ];

  test.each(cases)('%s', (_what, error, attempt, code) => {
    expect(codeOf(error, attempt)).toBe(code);
  });
});

test('an AggregateError is told by the error in it that can be mended', () => {
  const aggregate = new AggregateError([
    messaging('ConnectionForcedError', 'forced'),
    new AggregateError([messaging('UnauthorizedError', 'InvalidSignature')]),
    messaging('OperationTimeoutError', 'late'),
  ]);
  expect(codeOf(aggregate, 'read-hub')).toBe('unauthorized');
});

test('unfold() gives every different error in an AggregateError once', () => {
  const same = new Array<Error>(100).fill(messaging('ConnectionForcedError', 'forced'));
  expect(unfold(new AggregateError([...same, new Error('other')])).map(({ message }) => message)).toEqual([
    'forced',
    'other',
  ]);
  expect(unfold(new AggregateError([])).length).toBe(1);
});

describe('the message names the action, the text of the service and the option that mends it', () => {
  const message = (error: unknown, attempt: Attempt, partition: string | null = null): string =>
    sourceError(error, { attempt, stream, consumerGroup: 'tidewatch', partition }, 7).message;

  test('of a refused key', () => {
    expect(message(messaging('UnauthorizedError', 'InvalidSignature: wrong\nmore'), 'read-hub')).toBe(
      'Cannot read the properties of hub logs as the credentials were refused: check EVENTHUB_CONNECTION_STRING; the service said: UnauthorizedError: InvalidSignature: wrong',
    );
  });

  test('of a missing hub', () => {
    expect(message(messaging('MessagingEntityNotFoundError', notFoundHub), 'read-hub')).toContain('set ACTIVITY_HUB');
  });

  test('of a missing consumer group', () => {
    const text = message(messaging('MessagingEntityNotFoundError', notFoundGroup), 'open-reader', '3');
    expect(text).toContain('no consumer group tidewatch: create it or set CONSUMER_GROUP');
  });

  test('of a stale position', () => {
    const text = message(messaging('ArgumentError', "The supplied offset '9' is invalid"), 'open-reader', '3');
    expect(text).toContain('Cannot read partition 3 of hub logs');
    expect(text).toContain('RESET_ON_RECREATE');
  });

  test('of a hub made anew', () => {
    expect(hubReset(stream, '3', 'its newest event is 2', 7)).toMatchObject({ code: 'hub_reset', at: 7 });
  });
});

test('eventsLost() names how many numbers are missing, and which', () => {
  const error = eventsLost(stream, '3', { events: 10, from: 10, to: 19 }, 7);
  expect(error).toMatchObject({ code: 'events_lost', at: 7 });
  expect(error.message).toContain('Cannot read 10 events of partition 3 of hub logs');
  expect(error.message).toContain('numbers 10 to 19');
  expect(eventsLost(stream, '3', { events: 1, from: 4, to: 4 }, 7).message).toContain('number 4');
});

test('isOwnershipLost() tells the ordinary end of a reader from trouble', () => {
  expect(isOwnershipLost(messaging('ReceiverDisconnectedError', 'New receiver'))).toBe(true);
  expect(isOwnershipLost(messaging('ConnectionForcedError', 'forced'))).toBe(false);
});
