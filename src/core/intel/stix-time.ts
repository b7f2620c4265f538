/** An instant of a STIX object at the precision it was written in. */
export interface StixTime {
  /** Milliseconds since 1970; digits beyond the millisecond are kept as a fraction. */
  readonly ms: number;
  /** Text whose code unit order is the order of the instants, exact for any number of fraction digits. */
  readonly key: string;
}

const maxTextLength = 64;
const shape = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):?(\d\d))?$/;

/** The calendar repeats every 400 years. */
const cycleMs = 146_097 * 86_400_000;

/** Milliseconds of the fields of a match, null when the calendar or the clock has no such instant. */
function localMs(match: RegExpExecArray): number | null {
  const [written, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  // Date.UTC() takes the years 0 to 99 for those of the 20th century.
  const cycles = written < 100 ? 1 : 0;
  const year = written + cycles * 400;
  const [hour, minute, second] = [Number(match[4]), Number(match[5]), Number(match[6])];
  // Day 0 of the next month is the last of this one.
  if (month < 1 || month > 12 || day < 1 || (day > 28 && day > new Date(Date.UTC(year, month, 0)).getUTCDate())) {
    return null;
  }
  // 23:59:60 is a leap second, which the epoch counts with the second after it.
  if (hour > 23 || minute > 59 || second > 60) return null;
  return Date.UTC(year, month - 1, day, hour, minute, second) - cycles * cycleMs;
}

/**
 * Reads a timestamp of STIX 2.1 section 2.12 (RFC 3339, UTC, any number of fraction digits). Feeds also write a blank
 * for the T, an offset for the Z, or neither: those are read as what they mean, no zone as UTC. Null for all else.
 */
export function parseStixTime(value: unknown): StixTime | null {
  if (typeof value !== 'string' || value.length > maxTextLength) return null;
  const match = shape.exec(value);
  if (match === null) return null;
  const local = localMs(match);
  if (local === null) return null;
  const [, , , , , , second, digits = '', sign, offsetHour, offsetMinute] = match;
  const offset = sign === undefined ? 0 : (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000;
  const whole = sign === '-' ? local + offset : local - offset;
  // A million times a refresh: the text itself is its key where it is in UTC.
  const seconds =
    offset === 0 && second !== '60'
      ? `${value.slice(0, 10)}T${value.slice(11, 19)}`
      : new Date(whole).toISOString().slice(0, -5);
  const fraction = digits.endsWith('0') ? digits.replace(/0+$/, '') : digits;
  if (fraction === '') return { ms: whole, key: seconds };
  return { ms: whole + Number(`0.${fraction}`) * 1000, key: `${seconds}.${fraction}` };
}

/** Orders two texts by code unit, the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
