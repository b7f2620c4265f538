/**
 * Work that pauses every few hundred steps, so that whoever runs it can let other work have its turn: the core itself
 * never waits. What the work reads must not change before it has ended.
 */
export class Sliced<Result> {
  readonly #steps: Generator<undefined, Result>;
  #ended: { readonly result: Result } | null = null;

  constructor(steps: Generator<undefined, Result>) {
    this.#steps = steps;
  }

  /** Goes on to the next pause. True when the work has ended. */
  advance(): boolean {
    if (this.#ended !== null) return true;
    const { done, value } = this.#steps.next();
    if (done === true) this.#ended = { result: value };
    return done === true;
  }

  /** The result; does all that is left first. */
  finish(): Result {
    while (this.#ended === null) this.advance();
    return this.#ended.result;
  }
}
