import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../../src/core/address.ts';
import type { Silence, SilencedMatter } from '../../../../src/core/alert/silence.ts';
import { readSilenceFile } from '../../../../src/core/alert/silence-file.ts';
import { readSilence } from '../../../../src/core/alert/silence-request.ts';
import { Silences } from '../../../../src/core/alert/silences.ts';
import { sha256 } from '../../../support/engine-builder.ts';

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
    caller: 'ann@contoso.com',
    address: parseAddress(ip)!,
    operations: ['Microsoft.Compute/virtualMachines/write'],
    hasMoreOperations: false,
    ...rest,
  };
}

function covers(given: Partial<Silence>, asked: SilencedMatter = matter()): boolean {
  const silences = new Silences(10, false);
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

  test('ends at its time, is swept once, and is kept for 30 days after', () => {
    const silences = new Silences(10, false);
    silences.add(silence({ ip: '198.51.100.7' }));
    expect(silences.covering(matter(), now + hourMs - 1)?.id).toBe('s1');
    expect(silences.covering(matter(), now + hourMs)).toBeNull();
    expect(silences.sweep(now + hourMs - 1)).toEqual([]);
    expect(silences.sweep(now + hourMs).map(({ id }) => id)).toEqual(['s1']);
    expect(silences.sweep(now + hourMs)).toEqual([]);
    expect(silences.active(now)).toEqual([]);
    expect(silences.ended()).toMatchObject([
      { silence: { id: 's1' }, endedAt: '2026-03-01T13:00:00.000Z', endedBy: null },
    ]);
    silences.sweep(now + hourMs + 30 * 24 * hourMs - 1);
    expect(silences.ended()).toHaveLength(1);
    silences.sweep(now + hourMs + 30 * 24 * hourMs);
    expect(silences.ended()).toEqual([]);
  });

  test('of a file is replaced by the next reading, which tells what came and went, and is not for the API to end', () => {
    const silences = new Silences(10, false);
    const [one, two] = ['f1', 'f2'].map((id) => silence({ id, ip: '198.51.100.7', origin: 'file' }));
    expect(silences.replaceFile([one!])).toEqual({ added: [one], removed: [] });
    expect(silences.end('f1', 'bob', now)).toBeNull();
    expect(silences.takeForCut(true).silences).toEqual({ active: [], ended: [] });
    expect(silences.replaceFile([two!])).toEqual({ added: [two], removed: [one] });
    expect(silences.covering(matter(), now)?.id).toBe('f2');
    expect(silences.sweep(now + hourMs).map(({ id }) => id)).toEqual(['f2']);
    expect(silences.replaceFile([])).toEqual({ added: [], removed: [] });
  });

  test('that somebody ended is no longer in force, and who ended it is kept', () => {
    const silences = new Silences(10, false);
    silences.add(silence({ ip: '198.51.100.7' }));
    expect(silences.end('s1', 'bob', now)?.id).toBe('s1');
    expect(silences.end('s1', 'bob', now)).toBeNull();
    expect(silences.covering(matter(), now)).toBeNull();
    expect(silences.ended()).toMatchObject([{ silence: { id: 's1' }, endedBy: 'bob' }]);
  });

  test('whose time is over cannot be ended any more', () => {
    const silences = new Silences(10, false);
    silences.add(silence({ ip: '198.51.100.7' }));
    expect(silences.end('s1', 'bob', now + hourMs)).toBeNull();
  });
});

describe('Silences', () => {
  test('keep as many that have ended as may be in force, the oldest go', () => {
    const silences = new Silences(2, false);
    for (const id of ['a', 'b', 'c']) {
      silences.add(silence({ id, ip: '198.51.100.7' }));
      silences.end(id, 'bob', now);
    }
    expect(silences.ended().map(({ silence: { id } }) => id)).toEqual(['c', 'b']);
    silences.add(silence({ id: 'd', ip: '198.51.100.7' }));
    expect(silences.hasRoom).toBe(true);
    silences.add(silence({ id: 'e', ip: '198.51.100.7' }));
    expect(silences.hasRoom).toBe(false);
  });

  test('are written to a delta only when they changed, and count as kept once that is committed', () => {
    const silences = new Silences(10, true);
    silences.add(silence());
    expect([silences.hasUncut, silences.isCommitted(silences.revision)]).toEqual([true, false]);
    const { silenceRevision, silences: written } = silences.takeForCut(false);
    expect([silenceRevision, written?.active.length, silences.hasUncut]).toEqual([1, 1, false]);
    expect(silences.takeForCut(false)).toEqual({ silenceRevision: 1 });
    expect(silences.takeForCut(true).silences?.active).toHaveLength(1);
    silences.commitUpTo(1);
    expect(silences.isCommitted(1)).toBe(true);
    silences.withdraw('s1');
    expect([silences.isCommitted(silences.revision), silences.active(now), silences.ended()]).toEqual([false, [], []]);
  });
});

test('of several that cover a matter the one that lasts longest is named', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 6 }), (hours) => {
      const silences = new Silences(10, false);
      for (const [at, hour] of hours.entries()) {
        const until = new Date(now + hour * hourMs).toISOString();
        silences.add(silence({ id: `s${at}`, ip: '198.51.100.7', until }));
      }
      const longest = Math.max(...hours);
      expect(silences.covering(matter(), now)?.until ?? null).toBe(
        longest <= 0 ? null : new Date(now + longest * hourMs).toISOString(),
      );
      expect(silences.active(now)).toHaveLength(hours.filter((hour) => hour > 0).length);
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
    expect(readSilence(asked, now)).toEqual({ request: { ...asked, caller: null, operations: [] }, isOver: false });
    const read = readSilence({ ...asked, until: '2026-03-01T13:00Z' }, now);
    expect(read).toMatchObject({ request: { until: '2026-03-01T13:00:00Z' } });
  });

  test('takes what is over only where it may be', () => {
    const over = { ...asked, until: '2026-03-01T12:00:00Z' };
    expect(readSilence(over, now, true)).toMatchObject({ isOver: true });
    expect(detailsOf(over)).toHaveLength(1);
  });

  test.each<[unknown, RegExp]>([
    [[], /must be a JSON object/],
    [null, /must be a JSON object/],
    [{ ...asked, ip: undefined }, /Cannot silence everything: name caller, ip or operations/],
    [{ ...asked, ip: '0.0.0.0/0' }, /Cannot silence everything/],
    [{ ...asked, ip: '::/0' }, /Cannot silence everything/],
    [{ ...asked, ip: '::ffff:0.0.0.0/96', operations: ['*'] }, /Cannot silence everything/],
    [
      { ...asked, ip: '10.0.0.1/33' },
      /ip as it must be an IP address or a CIDR range: current value is "10.0.0.1\/33"/,
    ],
    [{ ...asked, caller: 7 }, /caller as it must be a text/],
    [{ ...asked, caller: 'x'.repeat(257) }, /caller as it must be a text of at most 256 characters/],
    [{ ...asked, operations: 'x' }, /operations as it must be a list of at most 20 texts/],
    [{ ...asked, operations: Array(21).fill('x') }, /operations as it must be a list of at most 20 texts/],
    [{ ...asked, until: '2026-03-01T12:00:00Z' }, /until as it must be an instant to come/],
    [{ ...asked, until: '2027-03-03T12:00:00Z' }, /until as it must be at most 366 days from now/],
    [{ ...asked, until: '2026-06-31T12:00:00Z' }, /until as it must be an instant/],
    [{ ...asked, until: 'tomorrow' }, /until as it must be an instant.*"tomorrow"/],
    [{ ...asked, reason: ' ' }, /reason as it must be a reason/],
    [
      { ...asked, author: undefined },
      /author as it must be a name of at most 256 characters: current value is nothing/,
    ],
    [{ ...asked, id: 'x' }, /id as no such member exists: known are caller, ip/],
    [JSON.parse(JSON.stringify({ ...asked }).replace('"author"', '"__proto__"')), /author.*|__proto__/],
  ])('%j is refused with what is wrong', (value, expected) => {
    expect(detailsOf(value).join('; ')).toMatch(expected);
  });

  test('takes or refuses any JSON, and what it takes names something', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          fc
            .record(
              {
                caller: fc.oneof(fc.string(), fc.constant(null)),
                ip: fc.constantFrom('198.51.100.7', '::/0', '0.0.0.0/0', '2001:db8::/32', null),
                operations: fc.array(fc.constantFrom('*', 'a/*', 'b'), { maxLength: 3 }),
              },
              { requiredKeys: [] },
            )
            .map((scope) => ({ until: asked.until, author: 'ann', reason: 'scanner', ...scope })),
        ),
        (value) => {
          const read = readSilence(value, now);
          if ('problems' in read) {
            expect(read.problems.length).toBeGreaterThan(0);
            return;
          }
          const { caller, ip, operations } = read.request;
          const namesAddress = ip !== null && !ip.endsWith('/0');
          const namesOperations = operations.length > 0 && !operations.includes('*');
          expect(caller !== null || namesAddress || namesOperations).toBe(true);
        },
      ),
    );
  });
});

describe('readSilenceFile()', () => {
  const entry = { ip: '198.51.100.7', until: '2026-03-01T13:00:00Z', author: 'ann', reason: 'scanner' };
  const read = (value: unknown): ReturnType<typeof readSilenceFile> =>
    readSilenceFile(typeof value === 'string' ? value : JSON.stringify(value), now, sha256);

  test('gives a silence the same id wherever it stands, and leaves out what is over', () => {
    const over = { ...entry, until: '2026-03-01T11:00:00Z' };
    const [first, second] = [read([entry]), read([over, { ...entry, ip: '198.51.100.8' }, entry])];
    if ('problems' in first || 'problems' in second) throw new Error('both can be read');
    expect([second.over, second.silences.length]).toEqual([1, 2]);
    expect(second.silences[1]).toEqual(first.silences[0]);
    expect(first.silences[0]).toMatchObject({ origin: 'file', createdAt: null });
    expect(first.silences[0]?.id).toMatch(/^file-[0-9a-f]{24}$/);
  });

  test('tells every problem with its place, and uses nothing of such a file', () => {
    expect(read([entry, 7, { ...entry, until: 'x', reason: '' }])).toEqual({
      problems: [
        '[1]: Cannot use the silence as it must be a JSON object',
        expect.stringMatching(/^\[2\]: Cannot use until/),
        expect.stringMatching(/^\[2\]: Cannot use reason/),
      ],
    });
    expect(read('{')).toMatchObject({ problems: [expect.stringMatching(/current value is no JSON/)] });
    expect(read({})).toMatchObject({ problems: [expect.stringMatching(/current value is no list/)] });
    expect(read(Array(1001).fill(entry))).toMatchObject({ problems: [expect.stringMatching(/a list of 1001/)] });
  });
});
