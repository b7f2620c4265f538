import { expect, test } from 'vitest';
import { parseStartPosition } from '../../../../src/dev/broker/start-position.ts';

test.each([
  ["amqp.annotation.x-opt-offset > '-1'", { kind: 'earliest' }],
  ["amqp.annotation.x-opt-offset > '@latest'", { kind: 'latest', inclusive: false }],
  ["amqp.annotation.x-opt-offset >= '@latest'", { kind: 'latest', inclusive: true }],
  ["amqp.annotation.x-opt-offset > '3182'", { kind: 'offset', offset: 3182, inclusive: false }],
  ["amqp.annotation.x-opt-offset >= '3182'", { kind: 'offset', offset: 3182, inclusive: true }],
  ["amqp.annotation.x-opt-sequence-number > '7'", { kind: 'sequenceNumber', sequenceNumber: 7, inclusive: false }],
  [
    "amqp.annotation.x-opt-enqueued-time > '1700000000000'",
    { kind: 'enqueuedTime', ms: 1700000000000, inclusive: false },
  ],
  [
    'amqp.annotation.x-opt-enqueuedtimeutc > 1700000000000',
    { kind: 'enqueuedTime', ms: 1700000000000, inclusive: false },
  ],
])('parseStartPosition() reads %s', (expression, position) => {
  expect(parseStartPosition(expression)).toEqual(position);
});

test.each([
  '',
  'true',
  "amqp.annotation.x-opt-offset < '1'",
  "amqp.annotation.x-opt-offset > 'x'",
  "amqp.annotation.x-opt-colour > '1'",
])('parseStartPosition() refuses "%s"', (expression) => {
  expect(parseStartPosition(expression)).toBeNull();
});
