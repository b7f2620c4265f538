import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HubMemory } from '../../../../src/adapters/event-hubs/hub-memory.ts';
import { originKey, type Origin, type Position } from '../../../../src/core/ports.ts';

const place = { namespace: 'name.servicebus.windows.net:5671', hub: 'logs' };

function at(sequenceNumber: number): Position {
  return { sequenceNumber, offset: String(sequenceNumber), enqueuedMs: sequenceNumber };
}

function memoryOf(...origins: readonly Partial<Origin>[]): HubMemory {
  const entries = origins.map((origin, index): [string, Position] => {
    return [originKey({ ...place, partition: '0', incarnation: 5000, ...origin }), at(index)];
  });
  return new HubMemory(new Map(entries), place);
}

test('gives back the positions of every partition of the hub, and of no other hub', () => {
  const names = fc.constantFrom('logs', 'logs-2', 'log', 'LOGS', 'sign-ins');
  const partitions = fc.nat(40).map(String);
  const origins = fc.uniqueArray(fc.record({ hub: names, partition: partitions, incarnation: fc.nat(3) }), {
    selector: ({ hub, partition, incarnation }) => `${hub}/${partition}@${incarnation}`,
  });
  fc.assert(
    fc.property(origins, fc.nat(3), (given, incarnation) => {
      const memory = memoryOf(...given);
      const wanted = given.flatMap((origin, index): [string, Position][] =>
        origin.hub === place.hub && origin.incarnation === incarnation ? [[origin.partition, at(index)]] : [],
      );
      expect(memory.positions(incarnation)).toEqual(new Map(wanted));
    }),
  );
});

test('knows nothing of a hub that was never read', () => {
  const memory = memoryOf({ hub: 'other' }, { namespace: 'other' });
  expect([memory.incarnationOf(5000), memory.newest(), memory.another(5000)]).toEqual([null, null, 5000]);
});

test('finds the incarnation of a hub by its created_at', () => {
  expect(memoryOf({}).incarnationOf(5000)).toBe(5000);
});

test('a later created_at is another hub', () => {
  const memory = memoryOf({ incarnation: 5000 }, { incarnation: 3000 });
  expect([memory.incarnationOf(9000), memory.newest(), memory.another(9000)]).toEqual([null, 5000, 9000]);
});

test('an earlier created_at is another hub too, as after a failover of the namespace', () => {
  expect(memoryOf({ incarnation: 5_000_000 }).incarnationOf(2_000_000)).toBeNull();
});

test('numbers that start again under one created_at are another incarnation, and found again after a restart', () => {
  const first = memoryOf({});
  const second = first.another(5000);
  expect(second).not.toBe(5000);
  expect(memoryOf({}, { incarnation: second }).incarnationOf(5000)).toBe(second);
  expect(memoryOf({ incarnation: second }).incarnationOf(5000)).toBe(second);
});

test('an incarnation that was added is not given out again', () => {
  const memory = memoryOf();
  memory.add(5000);
  expect(memory.another(5000)).toBe(5001);
});

test('text that is no origin is let go', () => {
  const position = at(1);
  const keys = [
    '',
    '@',
    'logs',
    `${place.namespace}/logs/`,
    `${place.namespace}/logs/0`,
    `${place.namespace}/logs/0@x`,
  ];
  expect(new HubMemory(new Map(keys.map((key) => [key, position])), place).newest()).toBeNull();
});
