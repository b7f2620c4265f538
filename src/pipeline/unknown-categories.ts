/** How many names are kept. */
const namesMax = 20;

/** Longest name kept; a producer may put anything there. */
const nameLengthMax = 100;

/**
 * The most frequent categories that nobody knows. Bounded: a new name takes the place of the rarest one and starts from
 * its count, so that a frequent name can not be kept out (Metwally et al., "Space-Saving", 2005); counts are upper bounds.
 */
export class UnknownCategories {
  readonly #counts = new Map<string, number>();

  add(category: string): void {
    const name = category.slice(0, nameLengthMax);
    const known = this.#counts.get(name);
    if (known !== undefined || this.#counts.size < namesMax) {
      this.#counts.set(name, (known ?? 0) + 1);
      return;
    }
    const [rarest, count] = [...this.#counts].reduce((a, b) => (b[1] < a[1] ? b : a));
    this.#counts.delete(rarest);
    this.#counts.set(name, count + 1);
  }

  /** Most frequent first. */
  top(): { readonly name: string; readonly count: number }[] {
    return [...this.#counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count);
  }
}
