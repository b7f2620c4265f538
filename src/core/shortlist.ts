/** The first few of many items, in an order, and how many there were. Holds at most twice as many as it lists. */
export class Shortlist<Item> {
  readonly #max: number;
  readonly #compare: (a: Item, b: Item) => number;
  #items: Item[] = [];
  /** The last item that is still listed once there are enough; null before. */
  #last: Item | null = null;
  #total = 0;

  /** Lists at most `max` items, at least one; `compare` orders them and leaves no two equal. */
  constructor(max: number, compare: (a: Item, b: Item) => number) {
    this.#max = max;
    this.#compare = compare;
  }

  /** How many items were added. */
  get total(): number {
    return this.#total;
  }

  add(item: Item): void {
    this.#total += 1;
    if (this.#last !== null && this.#compare(item, this.#last) > 0) return;
    this.#items.push(item);
    if (this.#items.length >= 2 * this.#max) this.#cut();
  }

  /** The items listed, in order. */
  list(): readonly Item[] {
    this.#cut();
    return [...this.#items];
  }

  #cut(): void {
    this.#items = this.#items.sort(this.#compare).slice(0, this.#max);
    this.#last = this.#items[this.#max - 1] ?? null;
  }
}
