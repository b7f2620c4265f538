/** An instant of a STIX object at the precision it was written in. */
export interface StixTime {
  /** Milliseconds since 1970; digits beyond the millisecond are kept as a fraction. */
  readonly ms: number;
  /** Text whose code unit order is the order of the instants, exact for any number of fraction digits. */
  readonly key: string;
}

const maxTextLength = 64;
const shape = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):?(\d\d))?$/;

/** Whole seconds of the parts, or null when the calendar or the clock has no such instant. */
function wholeMs(day: string, hour: number, minute: number, second: number): number | null {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  // Date.parse rolls 30 February over to March in some engines and refuses it in others.
  if (Number.isNaN(midnight) || new Date(midnight).toISOString().slice(0, 10) !== day) return null;
  if (hour > 23 || minute > 59 || second > 60) return null;
  return midnight + ((hour * 60 + minute) * 60 + second) * 1000;
}

/**
 * Reads a timestamp of STIX 2.1 section 2.12 (RFC 3339, UTC, any number of fraction digits). Feeds also write a blank
 * for the T, an offset for the Z, or neither: those are read as what they mean, no zone as UTC. Null for all else.
 */
export function parseStixTime(value: unknown): StixTime | null {
  if (typeof value !== 'string' || value.length > maxTextLength) return null;
  const match = shape.exec(value.trim());
  if (match === null) return null;
  const [, day = '', hour, minute, second, digits = '', sign, offsetHour, offsetMinute] = match;
  const local = wholeMs(day, Number(hour), Number(minute), Number(second));
  if (local === null) return null;
  const offset = sign === undefined ? 0 : (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000;
  const whole = sign === '-' ? local + offset : local - offset;
  const fraction = digits.replace(/0+$/, '');
  const seconds = new Date(whole).toISOString().slice(0, -5);
  return {
    ms: fraction === '' ? whole : whole + Number(`0.${fraction}`) * 1000,
    key: fraction === '' ? seconds : `${seconds}.${fraction}`,
  };
}

/** Orders two texts by code unit, the same on every machine. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
