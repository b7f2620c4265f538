import type { ReplayNotes } from '../pipeline/replay-notes.ts';
import { printable } from './printable.ts';

/** Where a report goes: stderr. */
export interface ReportStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** Most lines that are shown of each kind; a folder of the wrong files would fill every screen. */
const shownMax = 100;

/** Every how many calls a terminal is told of progress. */
const progressEvery = 16;

/** Tells on stderr what a replay could not read, what it guessed and, on a terminal, how far it is. */
export class ReplayReport implements ReplayNotes {
  readonly #stream: ReportStream;
  readonly #isTerminal: boolean;
  #calls = 0;
  #notes = 0;
  /** What could not be read. */
  problems = 0;

  constructor(stream: ReportStream) {
    this.#stream = stream;
    this.#isTerminal = stream.isTTY === true;
  }

  problem(text: string): void {
    this.problems += 1;
    if (this.problems <= shownMax) this.line(text);
  }

  note(text: string): void {
    this.#notes += 1;
    if (this.#notes <= shownMax) this.line(text);
  }

  progress(text: string): void {
    this.#calls += 1;
    if (this.#isTerminal && this.#calls % progressEvery === 1) this.#stream.write(`\r\u001b[K${printable(text)}`);
  }

  line(text: string): void {
    this.#stream.write(`${this.#isTerminal ? '\r\u001b[K' : ''}${printable(text)}\n`);
  }

  /** Says how much was not shown, and ends the line of progress. */
  end(summary: string): void {
    if (this.problems > shownMax) this.line(`${this.problems - shownMax} more could not be read`);
    if (this.#notes > shownMax) this.line(`${this.#notes - shownMax} more were taken at the time of a neighbour`);
    this.line(summary);
  }
}
