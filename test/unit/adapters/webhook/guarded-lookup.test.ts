import { describe, expect, test } from 'vitest';
import { guardedLookup, InternalTargetError } from '../../../../src/adapters/webhook/guarded-lookup.ts';

type Answer = [error: Error | null, address: unknown];

function look(addresses: readonly string[], all: boolean): Promise<Answer> {
  const found = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  const lookup = guardedLookup((_host, answer) => answer(null, found));
  return new Promise((resolve) => lookup('hooks.example', { all }, (error, address) => resolve([error, address])));
}

describe('guardedLookup()', () => {
  test.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '168.63.129.16',
    '100.64.0.1',
    '100.100.100.200',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    '::ffff:10.0.0.1',
    '::127.0.0.1',
    'fe80::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    '64:ff9b::a00:1',
    '2002:a00:1::1',
  ])('refuses a host at %s', async (address) => {
    for (const all of [true, false]) {
      expect((await look([address], all))[0]).toBeInstanceOf(InternalTargetError);
      expect((await look(['93.184.216.34', address], all))[0]).toBeInstanceOf(InternalTargetError);
    }
  });

  test.each(['93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'])(
    'gives the address of a host at %s',
    async (address) => {
      expect(await look([address], false)).toEqual([null, address]);
      expect(await look([address], true)).toMatchObject([null, [{ address }]]);
    },
  );

  test('refuses a name without an address', async () => {
    expect((await look([], true))[0]?.message).toBe('its name has no address');
  });
});
