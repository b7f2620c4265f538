import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventTime } from '../../../../src/core/time.ts';
import {
  EventWriter,
  ForeignEventError,
  readCorrelationEvent,
  type CorrelationEvent,
} from '../../../../src/core/route/correlation-event.ts';
import { DecodeError } from '../../../../src/core/state/byte-reader.ts';
import { anyRouted, anyTrailer } from '../../../support/observation-arbitraries.ts';
import { typicalObservation } from '../../../support/sharded/typical-observations.ts';

const anyEvent: fc.Arbitrary<CorrelationEvent> = fc
  .tuple(fc.array(anyRouted, { maxLength: 12 }), anyTrailer)
  .map(([observations, trailer]) => ({ observations, ...trailer }));

function written({ observations, ...trailer }: CorrelationEvent): Uint8Array {
  const writer = new EventWriter();
  for (const each of observations) writer.add(each);
  return writer.finish(trailer);
}

/** What reading made of bytes, null for a DecodeError; every other error is thrown on. */
function readOrRefused(bytes: Uint8Array): CorrelationEvent | null {
  try {
    return readCorrelationEvent(bytes);
  } catch (error) {
    if (!(error instanceof DecodeError || error instanceof ForeignEventError)) throw error;
    expect(error.message).toMatch(/^Cannot [a-z]+ /);
    return null;
  }
}

const time = eventTime(1_772_452_800_000, 5329);
const golden: CorrelationEvent = {
  observations: [
    {
      origin: 'east/activity/0@1700000000000',
      mark: { sequenceNumber: 300, index: 2, enqueuedMs: 1_772_452_801_000 },
      observation: {
        kind: 'activity',
        address: 0xc633_6407,
        time,
        undated: false,
        identity: '\u0001\ud800\u0000abcde',
        objectId: 'oid-ann',
        caller: 'Ann@contoso.com',
        operation: 'write',
        subscriptionId: 's',
        resourceGroup: '',
        resourceId: '/é',
      },
    },
    {
      origin: 'west/sign-ins/0@1700000000001',
      mark: { sequenceNumber: 0, index: 0, enqueuedMs: 1_772_452_801_001 },
      observation: {
        kind: 'user',
        address: 0x2001_0db8_0000_0000_0000_0000_0000_0005n,
        time,
        undated: true,
        identity: null,
        objectId: 'oid-ann',
        principal: 'Ann@contoso.com',
        app: '\ud800',
        risk: 'unknown',
      },
    },
  ],
  partitions: 32,
  hubs: [
    {
      namespace: 'east',
      hub: 'activity',
      incarnation: 1_700_000_000_000,
      partitions: [
        { partition: '0', watermarkMs: 1_772_452_801_000, seesSinceMs: null },
        { partition: '1', watermarkMs: null, seesSinceMs: 1_772_452_700_000 },
      ],
    },
  ],
};

/** Frozen: what replicas of version 1 have written must be read by every later one that says it reads version 1. */
const goldenHex = [
  '545743010100001d000000656173742f61637469766974792f304031373030303030303030303030ac0202e8d3adf3ca3300',
  '000800000061637469766974790087c8cdb10c000060b6e6ca7942d129000108010000d80000610062006300640065000000',
  '070000006f69642d616e6e00000f000000416e6e40636f6e746f736f2e636f6d000005000000777269746500000100000073',
  '0000000000000000030000002fc3a90100001d000000776573742f7369676e2d696e732f3040313730303030303030303030',
  '310000e9d3adf3ca330000040000007573657201002000000032303031306462383030303030303030303030303030303030',
  '30303030303035000060b6e6ca7942d1290100030400010100d8000007000000756e6b6e6f776e0020010000040000006561',
  '73740280d095ffbc310200000100000030e9d3adf3ca33000000010000003100e1bea7f3ca33',
].join('');

describe('EventWriter', () => {
  test('writes what readCorrelationEvent() reads, whatever observations and watermarks hold', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        expect(readCorrelationEvent(written(event))).toEqual(event);
      }),
    );
  });

  test('writes version 1 as it always did', () => {
    expect(Buffer.from(written(golden)).toString('hex')).toBe(goldenHex);
  });

  test.each([
    { callers: 20, most: 155 },
    { callers: 2000, most: 260 },
  ])('writes 300 typical observations of $callers callers in at most $most bytes each', ({ callers, most }) => {
    const writer = new EventWriter();
    const count = 300;
    for (let at = 0; at < count; at += 1) {
      const mark = { sequenceNumber: 81_234_567 + Math.floor(at / 20), index: at % 20, enqueuedMs: 1_772_452_801_000 };
      writer.add({
        origin: 'contoso-east/insights-activity-logs/3@1700000000000',
        mark,
        observation: typicalObservation(at, callers),
      });
    }
    expect(writer.length / count).toBeLessThanOrEqual(most);
  });
});

describe('readCorrelationEvent()', () => {
  test('reads version 1 as it always did', () => {
    expect(readCorrelationEvent(Buffer.from(goldenHex, 'hex'))).toEqual(golden);
  });

  test('refuses every other version and says which', () => {
    fc.assert(
      fc.property(anyEvent, fc.integer({ min: 0, max: 255 }), (event, version) => {
        fc.pre(version !== 1);
        const bytes = written(event);
        bytes[3] = version;
        expect(() => readCorrelationEvent(bytes)).toThrow(
          new DecodeError(`Cannot read an event of the correlation hub: its version must be 1, and is ${version}`),
        );
      }),
    );
  });

  test('refuses what is no event and says so', () => {
    for (const bytes of [new Uint8Array(), Buffer.from('{"records":[]}'), Uint8Array.of(0x54, 0x57)])
      expect(() => readCorrelationEvent(bytes)).toThrow(
        new ForeignEventError('Cannot read an event of the correlation hub: it does not begin as one does'),
      );
    expect(() => readCorrelationEvent(Buffer.from('TWC'))).toThrow(/its version must be 1, and is none$/);
  });

  test('refuses an event that is cut short or goes on', () => {
    fc.assert(
      fc.property(anyEvent, fc.nat(), (event, at) => {
        const bytes = written(event);
        expect(readOrRefused(bytes.subarray(0, at % bytes.length))).toBeNull();
        expect(readOrRefused(Uint8Array.of(...bytes, 0))).toBeNull();
      }),
    );
  });

  test('refuses damaged events, or reads one that can be written again', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(anyEvent, damage, (event, changes) => {
        const bytes = written(event);
        for (const [at, value] of changes) bytes[4 + (at % (bytes.length - 4))] = value;
        const read = readOrRefused(bytes);
        if (read !== null) expect(readCorrelationEvent(written(read))).toEqual(read);
      }),
      { numRuns: 3000 },
    );
  });

  test('refuses garbage behind a good head', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (rest) => {
        const read = readOrRefused(Uint8Array.of(0x54, 0x57, 0x43, 1, ...rest));
        if (read !== null) expect(readCorrelationEvent(written(read))).toEqual(read);
      }),
      { numRuns: 3000 },
    );
  });

  test('refuses kinds, risks, addresses and ticks that there are not', () => {
    const [routed, signIn] = golden.observations;
    const wrong: readonly object[] = [
      { ...signIn?.observation, kind: 'guest' },
      { ...signIn?.observation, risk: 'terrible' },
      { ...routed?.observation, address: 2 ** 32 },
      { ...routed?.observation, time: { ms: 0, ticks: 10_000 } },
      { ...routed?.observation, time: { ms: Number.NaN, ticks: 0 } },
      { ...routed?.observation, time: { ms: Number.POSITIVE_INFINITY, ticks: 0 } },
      { ...routed?.observation, time: { ms: 0.5, ticks: 0 } },
    ];
    for (const observation of wrong) {
      const bytes = written({ ...golden, observations: [{ ...routed, observation } as never] });
      expect(() => readCorrelationEvent(bytes)).toThrow(DecodeError);
    }
  });
});
