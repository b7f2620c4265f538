import { expect, test } from 'vitest';
import { parseAddress } from '../../../../src/dev/broker/entity-address.ts';

test.each([
  ['$cbs', { kind: 'cbs' }],
  ['$management', { kind: 'management' }],
  ['logs/$management', { kind: 'management' }],
  ['logs', { kind: 'producer', hub: 'logs', partition: null, publisher: null }],
  ['logs/Partitions/3', { kind: 'producer', hub: 'logs', partition: '3', publisher: null }],
  ['logs/publishers/one', { kind: 'producer', hub: 'logs', partition: null, publisher: 'one' }],
  ['logs/ConsumerGroups/$Default/Partitions/0', { kind: 'consumer', hub: 'logs', group: '$Default', partition: '0' }],
  [
    'amqps://ns.example/logs/ConsumerGroups/g/Partitions/1',
    { kind: 'consumer', hub: 'logs', group: 'g', partition: '1' },
  ],
])('parseAddress() reads %s', (address, wanted) => {
  expect(parseAddress(address)).toEqual(wanted);
});

test.each(['', '/', 'logs/Partitions', 'logs/ConsumerGroups/g', 'logs/a/b/c/d'])(
  'parseAddress() refuses "%s"',
  (address) => {
    expect(parseAddress(address)).toBeNull();
  },
);
