import type { Position } from '../ports.ts';

/** The last raw record taken from an origin, and its message's position. */
export interface Mark extends Position {
  readonly index: number;
}

/**
 * The mark of each origin: what lies at or below it was taken already, so that taking it again changes nothing. Ordered
 * by sequence number, then by the index of the raw record in its message.
 */
export class Marks {
  readonly #marks = new Map<string, Mark>();

  get(origin: string): Mark | null {
    return this.#marks.get(origin) ?? null;
  }

  all(): Iterable<[string, Mark]> {
    return this.#marks;
  }

  isReplayed(origin: string, sequenceNumber: number, index: number): boolean {
    const mark = this.#marks.get(origin);
    if (mark === undefined) return false;
    return sequenceNumber < mark.sequenceNumber || (sequenceNumber === mark.sequenceNumber && index <= mark.index);
  }

  /** Moves the mark forward; a lower one changes nothing. */
  advance(origin: string, mark: Mark): void {
    if (!this.isReplayed(origin, mark.sequenceNumber, mark.index)) this.#marks.set(origin, mark);
  }
}
