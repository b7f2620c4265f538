import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../../src/core/address.ts';
import type { Silence, SilencedMatter } from '../../../../src/core/alert/silence.ts';
import { readSilence } from '../../../../src/core/alert/silence-request.ts';
import { Silences } from '../../../../src/core/alert/silences.ts';

const now = Date.UTC(2026, 2, 1, 12);
const hourMs = 3_600_000;

function silence(changes: Partial<Silence> = {}): Silence {
  return {
    id: 's1',
    caller: null,
    ip: null,
    operations: [],
    until: new Date(now + hourMs).toISOString(),
    author: 'ann',
    reason: 'known scanner',
    createdAt: new Date(now).toISOString(),
    origin: 'api',
    ...changes,
  };
}

function matter(changes: Partial<Omit<SilencedMatter, 'address'>> & { readonly ip?: string } = {}): SilencedMatter {
  const { ip = '198.51.100.7', ...rest } = changes;
  return {
    caller: 'Ann@Contoso.com',
    address: parseAddress(ip)!,
    operations: ['Microsoft.Compute/virtualMachines/write'],
    hasMoreOperations: false,
    ...rest,
  };
}

function covers(given: Partial<Silence>, asked: SilencedMatter = matter()): boolean {
  const silences = new Silences(10);
  silences.add(silence(given));
  return silences.covering(asked, now) !== null;
}

describe('A silence', () => {
  test.each<[Partial<Silence>, boolean]>([
    [{ caller: 'ann@contoso.COM' }, true],
    [{ caller: 'bob@contoso.com' }, false],
    [{ ip: '198.51.100.7' }, true],
    [{ ip: '198.51.100.0/24' }, true],
    [{ ip: '198.51.101.0/24' }, false],
    [{ ip: '::/0' }, false],
    [{ caller: 'ann@contoso.com', ip: '203.0.113.9' }, false],
    [{ operations: ['microsoft.compute/virtualmachines/WRITE'] }, true],
    [{ operations: ['Microsoft.Compute/*'] }, true],
    [{ operations: ['Microsoft.Compute/virtualMachines'] }, false],
    [{ operations: ['Microsoft.Storage/*'] }, false],
  ])('%j covers what it names and nothing else: %s', (given, expected) => {
    expect(covers(given)).toBe(expected);
  });

  test('covers an IPv6 address by its range', () => {
    expect(covers({ ip: '2001:db8::/32' }, matter({ ip: '2001:db8::7' }))).toBe(true);
    expect(covers({ ip: '2001:db8::/32' }, matter({ ip: '2001:db9::7' }))).toBe(false);
  });

  test('that names operations covers only what has no others', () => {
    const given = { operations: ['Microsoft.Compute/*'] };
    const both = ['Microsoft.Compute/disks/write', 'Microsoft.Authorization/roleAssignments/write'];
    expect(covers(given, matter({ operations: both }))).toBe(false);
    expect(covers(given, matter({ hasMoreOperations: true }))).toBe(false);
    expect(covers(given, matter({ operations: [] }))).toBe(false);
  });

  test('ends at its time, is swept once, and is named when it is', () => {
    const silences = new Silences(10);
    silences.add(silence({ ip: '198.51.100.7' }));
    expect(silences.covering(matter(), now + hourMs - 1)?.id).toBe('s1');
    expect(silences.covering(matter(), now + hourMs)).toBeNull();
    expect(silences.sweep(now + hourMs - 1)).toEqual([]);
    expect(silences.sweep(now + hourMs).map(({ id }) => id)).toEqual(['s1']);
    expect(silences.sweep(now + hourMs)).toEqual([]);
    expect(silences.kept).toEqual([]);
  });

  test('of a file is replaced by the next reading, and is not for the API to remove or the state to keep', () => {
    const silences = new Silences(10);
    silences.replaceFile([silence({ id: 'f1', ip: '198.51.100.7', origin: 'file' })]);
    expect(silences.remove('f1')).toBe(false);
    expect([silences.get('f1')?.origin, silences.kept]).toEqual(['file', []]);
    silences.replaceFile([]);
    expect(silences.covering(matter(), now)).toBeNull();
  });
});

test('of several that cover a matter the one that lasts longest is named', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 6 }), (hours) => {
      const silences = new Silences(10);
      for (const [at, hour] of hours.entries()) {
        const until = new Date(now + hour * hourMs).toISOString();
        silences.add(silence({ id: `s${at}`, ip: '198.51.100.7', until }));
      }
      const longest = Math.max(...hours);
      expect(silences.covering(matter(), now)?.until ?? null).toBe(
        longest <= 0 ? null : new Date(now + longest * hourMs).toISOString(),
      );
      expect(silences.all(now)).toHaveLength(hours.filter((hour) => hour > 0).length);
    }),
  );
});

describe('readSilence()', () => {
  const asked = { ip: '198.51.100.0/24', until: '2026-03-01T13:00:00Z', author: 'ann', reason: 'scanner' };
  const detailsOf = (value: unknown): string[] => {
    const read = readSilence(value, now);
    return 'problems' in read ? read.problems.map(({ detail }) => detail) : [];
  };

  test('reads what is asked for, with nothing for what is not named', () => {
    expect(readSilence(asked, now)).toEqual({ request: { ...asked, caller: null, operations: [] } });
  });

  test.each<[unknown, RegExp]>([
    [[], /must be a JSON object/],
    [{ ...asked, ip: undefined }, /Cannot silence everything: name caller, ip or operations/],
    [
      { ...asked, ip: '10.0.0.1/33' },
      /ip as it must be an IP address or a CIDR range: current value is "10.0.0.1\/33"/,
    ],
    [{ ...asked, caller: 7 }, /caller as it must be a text/],
    [{ ...asked, operations: 'x' }, /operations as it must be a list of at most 100 texts/],
    [{ ...asked, until: '2026-03-01T12:00:00Z' }, /until as it must be an instant to come/],
    [{ ...asked, until: 'tomorrow' }, /until as it must be an instant to come.*"tomorrow"/],
    [{ ...asked, reason: ' ' }, /reason as it must be a reason/],
    [{ ...asked, author: undefined }, /author as it must be the name of who asks for it: current value is nothing/],
    [{ ...asked, id: 'x' }, /id as no such field exists: known are caller, ip/],
    [JSON.parse(JSON.stringify({ ...asked }).replace('"author"', '"__proto__"')), /author|__proto__/],
  ])('%j is refused with what is wrong', (value, expected) => {
    expect(detailsOf(value).join('; ')).toMatch(expected);
  });

  test('takes or refuses any JSON, and what it takes never covers everything', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const read = readSilence(value, now);
        if ('request' in read) {
          const { caller, ip, operations } = read.request;
          expect(caller !== null || ip !== null || operations.length > 0).toBe(true);
        } else expect(read.problems.length).toBeGreaterThan(0);
      }),
    );
  });
});
