import { expect, test } from 'vitest';
import { Readers, type Reader } from '../../../../src/dev/broker/readers.ts';
import type { ServiceError } from '../../../../src/dev/broker/service-error.ts';

interface Probe extends Reader {
  readonly ended: ServiceError[];
}

function reader(name: string, epoch: number | null): Probe {
  const ended: ServiceError[] = [];
  return { name, epoch, ended, disconnect: (error) => ended.push(error) };
}

function admit(readers: Readers, one: Reader): ServiceError | null {
  return readers.admit(one, 'logs', 0);
}

test('an epoch at or above the highest present disconnects every other receiver', () => {
  for (const epoch of [3, 4]) {
    const readers = new Readers();
    const old = reader('old', 3);
    expect(admit(readers, old)).toBeNull();
    expect(admit(readers, reader('new', epoch))).toBeNull();
    expect(old.ended).toHaveLength(1);
    expect(old.ended[0]).toMatchObject({ condition: 'amqp:link:stolen' });
    expect(old.ended[0]!.description).toContain(`New receiver 'new' with higher epoch of '${epoch}' is created`);
  }
});

test('an epoch disconnects receivers without one', () => {
  const readers = new Readers();
  const plain = [reader('a', null), reader('b', null)];
  for (const one of plain) expect(admit(readers, one)).toBeNull();
  expect(admit(readers, reader('new', 0))).toBeNull();
  for (const one of plain) expect(one.ended).toHaveLength(1);
});

test('a lower epoch is refused and disturbs nobody', () => {
  const readers = new Readers();
  const old = reader('old', 3);
  admit(readers, old);
  expect(admit(readers, reader('new', 2))).toMatchObject({ condition: 'amqp:link:stolen' });
  expect(old.ended).toEqual([]);
});

test('a receiver without an epoch is refused only while an epoch is present', () => {
  const readers = new Readers();
  const owner = reader('owner', 0);
  admit(readers, owner);
  expect(admit(readers, reader('plain', null))?.description).toContain('non-epoch receiver is not allowed');
  readers.remove(owner);
  expect(admit(readers, reader('plain', null))).toBeNull();
});

test('the sixth receiver without an epoch is refused', () => {
  const readers = new Readers();
  for (let index = 0; index < 5; index += 1) expect(admit(readers, reader(`r${index}`, null))).toBeNull();
  expect(admit(readers, reader('r5', null))).toMatchObject({ condition: 'amqp:resource-limit-exceeded' });
});
