interface Seen {
  readonly seen: number;
}

/**
 * Orders by `seen`, a whole number from 0. Each becomes one number with its place, since those are sorted without a call
 * for each comparison; what was seen further apart than those numbers can tell is in no order.
 */
export function leastRecentFirst<Item extends Seen>(items: readonly Item[]): Item[] {
  let newest = 0;
  for (const { seen } of items) newest = Math.max(newest, seen);
  const furthest = Math.floor(Number.MAX_SAFE_INTEGER / Math.max(1, items.length)) - 1;
  const keys = new Float64Array(items.length);
  let place = 0;
  for (const { seen } of items) {
    const age = Math.min(newest - seen, furthest);
    keys[place] = (furthest - age) * items.length + place;
    place += 1;
  }
  keys.sort();
  return Array.from(keys, (key) => items[key % items.length]).filter((item) => item !== undefined);
}
