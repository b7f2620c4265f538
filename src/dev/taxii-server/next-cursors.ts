/** The cursors of `next` that a server keeps itself and moves at every call, as medallion does. */
export class NextCursors {
  readonly #ordinals = new Map<string, number>();
  #issued = 0;

  /** A new cursor. */
  issue(ordinal: number): string {
    this.#issued += 1;
    const name = `cursor-${this.#issued}`;
    this.#ordinals.set(name, ordinal);
    return name;
  }

  /** Where a cursor stands; undefined for one that is not known. */
  at(name: string): number | undefined {
    return this.#ordinals.get(name);
  }

  move(name: string, ordinal: number): void {
    this.#ordinals.set(name, ordinal);
  }
}
