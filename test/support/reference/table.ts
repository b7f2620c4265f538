/** The operators of a query language over lists, written for reading, so that a reference can be held against the rule. */

export function where<Item>(...conditions: ((item: Item) => boolean)[]): (items: readonly Item[]) => Item[] {
  return (items) => items.filter((item) => conditions.every((condition) => condition(item)));
}

/** Every left item with every right item of equal key, in the order of the left. */
export function innerJoin<Left, Right>(
  left: readonly Left[],
  right: readonly Right[],
  on: (left: Left, right: Right) => boolean,
): { left: Left; right: Right }[] {
  return left.flatMap((l) => right.filter((r) => on(l, r)).map((r) => ({ left: l, right: r })));
}

/** Groups by the text of a key, in the order in which keys are first seen. */
export function groupBy<Item>(items: readonly Item[], key: (item: Item) => readonly string[]): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const text = JSON.stringify(key(item));
    const group = groups.get(text);
    if (group === undefined) groups.set(text, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

/** `make_set(x, n)`: the first n distinct values. */
export function makeSet(values: readonly string[], limit: number): string[] {
  return [...new Set(values)].slice(0, limit);
}

/** `max(x)` over strings: the alphabetically greatest. */
export function maxText(values: readonly string[]): string {
  return values.reduce((greatest, value) => (value > greatest ? value : greatest), '');
}

export function least<Item>(items: readonly Item[], compare: (a: Item, b: Item) => number): Item {
  return items.reduce((a, b) => (compare(b, a) < 0 ? b : a));
}
