import type { DeadLetter, DeadLetterStore } from '../../../src/core/ports.ts';

/** Dead letters in memory; refuses while it is told to. */
export class MemoryDeadLetterStore implements DeadLetterStore {
  readonly letters: DeadLetter[] = [];
  readonly #refuses: () => boolean;

  constructor(refuses: () => boolean) {
    this.#refuses = refuses;
  }

  append(letters: readonly DeadLetter[]): Promise<void> {
    if (this.#refuses()) return Promise.reject(new Error('Cannot append dead letters: the store answers 503'));
    this.letters.push(...letters);
    return Promise.resolve();
  }

  recent(limit: number): Promise<readonly DeadLetter[]> {
    return Promise.resolve(this.letters.slice(-limit).reverse());
  }

  dropped(): number {
    return 0;
  }
}
