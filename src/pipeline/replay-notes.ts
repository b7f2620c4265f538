/** Takes what a replay has to say beside its result. Texts name file and line and end without a full stop. */
export interface ReplayNotes {
  /** Some input could not be read. */
  problem(text: string): void;
  /** Something was read with a guess. */
  note(text: string): void;
  /** A while of reading has passed. */
  progress(text: string): void;
}
