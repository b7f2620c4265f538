import type { Sighting } from './indicator.ts';
import { compareText, parseStixTime } from './stix-time.ts';

/** Orders times that milliseconds do not tell apart by all the digits they were written with. */
function compareModified(a: Sighting, b: Sighting): number {
  const { modifiedMs, modified } = a.indicator;
  const other = b.indicator;
  if (modifiedMs !== other.modifiedMs) return modifiedMs - other.modifiedMs;
  if (modified === other.modified) return 0;
  return compareText(parseStixTime(modified)?.key ?? '', parseStixTime(other.modified)?.key ?? '');
}

function width({ observable: { range } }: Sighting): bigint {
  return BigInt(range.last) - BigInt(range.first);
}

function placeText({ observable, indicator }: Sighting): string {
  const { key, value, range, startMs = '', stopMs = '' } = observable;
  return `${range.first} ${key} ${indicator.validFromMs ?? ''} ${indicator.validUntilMs} ${startMs} ${stopMs} ${value}`;
}

/**
 * The order in which the sightings of one address are shown, best first: highest confidence, then newest `modified`,
 * then id, then source. Total: sightings of one indicator follow by narrowness, then by where and when they hold.
 */
export function compareSightings(a: Sighting, b: Sighting): number {
  const byRule =
    (b.indicator.confidence ?? -1) - (a.indicator.confidence ?? -1) ||
    compareModified(b, a) ||
    compareText(a.indicator.id, b.indicator.id) ||
    compareText(a.indicator.source, b.indicator.source);
  if (byRule !== 0) return byRule;
  const [widthA, widthB] = [width(a), width(b)];
  return widthA === widthB ? compareText(placeText(a), placeText(b)) : widthA < widthB ? -1 : 1;
}
