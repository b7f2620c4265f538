import type { EventTime } from '../time.ts';
import { eventTime } from '../time.ts';

/** Longer than any time form with blanks inside. */
const longestText = 64;

const iso = /^(\d{4})-(\d\d)-(\d\d)[Tt]?(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?([Zz]|[+-]\d\d(?::?\d\d)?)?$/;
const american =
  /^(\d{1,2})\/(\d{1,2})\/(\d{4})(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d+))?)?([AaPp][Mm])?([Zz]|[+-]\d\d(?::?\d\d)?)?$/;

/**
 * Reads the time of a record in every form Azure services write: ISO 8601 with none to nine fraction digits (kept to
 * 100 ns, the rest cut off), with or without an offset, with a blank for the T or blanks strewn in; and the US forms
 * `M/d/yyyy h:mm:ss AM` and `MM/dd/yyyy HH:mm:ss` (elastic/integrations#15977). A time without a zone is UTC.
 *
 * Null for anything else, for dates that are in no calendar, and for years before 1970: .NET writes an unset time as
 * 0001-01-01.
 */
export function parseEventTime(text: string): EventTime | null {
  if (text.length > longestText) return null;
  const compact = text.replace(/[\s\u200e\u200f]+/g, '');
  const isoParts = iso.exec(compact);
  if (isoParts) {
    const [, year, month, day, hour, minute, second, fraction, zone] = isoParts;
    return instant(year, month, day, Number(hour), minute, second, fraction, zone);
  }
  const usParts = american.exec(compact);
  if (usParts === null) return null;
  const [, month, day, year, hour, minute, second, fraction, half, zone] = usParts;
  return instant(year, month, day, hourOfDay(Number(hour), half), minute, second, fraction, zone);
}

/** The hour of a 24-hour day; NaN when a 12-hour clock never shows it. */
function hourOfDay(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  if (hour < 1 || hour > 12) return NaN;
  return (hour % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
}

function instant(
  yearText: string | undefined,
  monthText: string | undefined,
  dayText: string | undefined,
  hour: number,
  minuteText: string | undefined,
  secondText = '0',
  fraction = '',
  zone = 'Z',
): EventTime | null {
  const year = Number(yearText);
  const month = Number(monthText);
  const day = Number(dayText);
  const minute = Number(minuteText);
  const second = Number(secondText);
  const offset = offsetMinutes(zone);
  if (year < 1970 || day < 1 || day > daysIn(year, month)) return null;
  if (!(hour <= 23) || minute > 59 || second > 59 || Math.abs(offset) > 14 * 60) return null;
  const digits = fraction.slice(0, 7).padEnd(7, '0');
  const ms = Date.UTC(year, month - 1, day, hour, minute - offset, second, Number(digits.slice(0, 3)));
  return eventTime(ms, Number(digits.slice(3)));
}

/** Days of a month, 0 when there is no such month. */
function daysIn(year: number, month: number): number {
  if (month < 1 || month > 12) return 0;
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Minutes ahead of UTC of `Z`, `+hh`, `+hhmm` or `+hh:mm`; beyond any zone when the minutes are no minutes. */
function offsetMinutes(zone: string): number {
  if (zone.length === 1) return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(-2)) * (zone.length > 3 ? 1 : 0);
  return (zone.startsWith('-') ? -1 : 1) * (minutes > 59 ? Infinity : hours * 60 + minutes);
}
