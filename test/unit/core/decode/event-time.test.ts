import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEventTime } from '../../../../src/core/decode/event-time.ts';
import { eventTime, formatTime } from '../../../../src/core/time.ts';

describe('parseEventTime()', () => {
  test.each([
    ['2026-08-12T15:11:47.5329521Z', '2026-08-12T15:11:47.5329521Z'],
    ['2026-08-12T15:11:47.532952199Z', '2026-08-12T15:11:47.5329521Z'],
    ['2026-08-12T15:11:47.999999999Z', '2026-08-12T15:11:47.9999999Z'],
    ['2024-11-11T18:59:51.22Z', '2024-11-11T18:59:51.220Z'],
    ['2024-11-11T18:59:51.332641+00:00', '2024-11-11T18:59:51.3326410Z'],
    ['2024-11-11T18:59:51Z', '2024-11-11T18:59:51Z'],
    ['2024-11-11T18:59Z', '2024-11-11T18:59:00Z'],
    ['2024-11-11T18:59:51', '2024-11-11T18:59:51Z'],
    ['2024-11-11t18:59:51z', '2024-11-11T18:59:51Z'],
    ['2024-11-11T18:59:51+02:00', '2024-11-11T16:59:51Z'],
    ['2024-11-11T18:59:51-0530', '2024-11-12T00:29:51Z'],
    ['2024-11-11T18:59:51+02', '2024-11-11T16:59:51Z'],
    ['2024-12-31T23:30:00.5-05:00', '2025-01-01T04:30:00.500Z'],
    ['2023-07-26 23:00:20.889', '2023-07-26T23:00:20.889Z'],
    ['2021-02-04T07: 45: 44.58Z', '2021-02-04T07:45:44.580Z'],
    [' 2021-02-04T07:45:44Z ', '2021-02-04T07:45:44Z'],
    ['11/14/2025 1:48:53 AM', '2025-11-14T01:48:53Z'],
    ['12/12/2025 3:03:58 PM', '2025-12-12T15:03:58Z'],
    ['1/2/2025 12:00:00 AM', '2025-01-02T00:00:00Z'],
    ['1/2/2025 12:00:00 PM', '2025-01-02T12:00:00Z'],
    ['12/12/2025 3:03:58\u202fPM', '2025-12-12T15:03:58Z'],
    ['05/28/2025 01:15:14', '2025-05-28T01:15:14Z'],
    ['05/28/2025 23:15:14.5', '2025-05-28T23:15:14.500Z'],
    ['1/9/2007 10:41:00 AM +01:00', '2007-01-09T09:41:00Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00Z'],
  ])('reads "%s" as %s', (text, instant) => {
    const time = parseEventTime(text);
    expect(time && formatTime(time)).toBe(instant);
  });

  test.each([
    '',
    'never',
    '0001-01-01T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2024-04-31T00:00:00Z',
    '2024-00-10T00:00:00Z',
    '2024-13-10T00:00:00Z',
    '2024-01-00T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T23:60:00Z',
    '2024-01-01T23:59:60Z',
    '2024-01-01T00:00:00+15:00',
    '2024-01-01T00:00:00+01:75',
    '2024-01-01',
    '14/11/2025 1:48:53 AM',
    '2/30/2025 1:48:53 AM',
    '11/14/2025 13:48:53 PM',
    '11/14/2025 0:48:53 AM',
    '1786547507',
    '2026-08-12T15:11:47.Z',
    '2026-08-12T15:11:47.5329521Zulu',
    `2026-08-12T15:11:47.${'1'.repeat(1_000_000)}Z`,
  ])('refuses "%s"', (text) => {
    expect(parseEventTime(text)).toBeNull();
  });

  test('reads back every instant that formatTime() writes', () => {
    const ms = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) });
    fc.assert(
      fc.property(ms, fc.nat(9999), (milliseconds, ticks) => {
        const time = eventTime(milliseconds, ticks);
        expect(parseEventTime(formatTime(time))).toEqual(time);
      }),
    );
  });

  test('reads the same instant in ISO and US form', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
        const date = new Date(seconds * 1000);
        const hour = date.getUTCHours();
        const clock = [date.getUTCMinutes(), date.getUTCSeconds()].map((part) => String(part).padStart(2, '0'));
        const day = `${date.getUTCMonth() + 1}/${date.getUTCDate()}/${date.getUTCFullYear()}`;
        const twelve = `${day} ${hour % 12 || 12}:${clock.join(':')} ${hour < 12 ? 'AM' : 'PM'}`;
        expect(parseEventTime(twelve)).toEqual(parseEventTime(date.toISOString()));
        expect(parseEventTime(`${day} ${hour}:${clock.join(':')}`)).toEqual(eventTime(date.getTime()));
      }),
    );
  });
});
