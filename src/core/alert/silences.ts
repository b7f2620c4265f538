import { SilenceRule, type Silence, type SilencedMatter } from './silence.ts';

/** The silences in force, those of the file and those of the API. */
export class Silences {
  readonly #most: number;
  #ofFile: readonly SilenceRule[] = [];
  readonly #ofApi = new Map<string, SilenceRule>();
  #changes = 0;

  /** @param most Most silences that the API may add. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Grows with every change of those that the API added. */
  get revision(): number {
    return this.#changes;
  }

  /** Whether the API may add another one. */
  get hasRoom(): boolean {
    return this.#ofApi.size < this.#most;
  }

  /** Those that the API added, for the state to keep. */
  get kept(): readonly Silence[] {
    return [...this.#ofApi.values()].map(({ silence }) => silence);
  }

  /** All that have not ended, the first to end first. */
  all(nowMs: number): readonly Silence[] {
    return this.#rules()
      .filter(({ untilMs }) => untilMs > nowMs)
      .sort((a, b) => a.untilMs - b.untilMs || (a.silence.id < b.silence.id ? -1 : 1))
      .map(({ silence }) => silence);
  }

  get(id: string): Silence | null {
    return this.#rules().find(({ silence }) => silence.id === id)?.silence ?? null;
  }

  add(silence: Silence): void {
    this.#ofApi.set(silence.id, new SilenceRule(silence));
    this.#changes += 1;
  }

  /** Removes one that the API added; false when there is none of this id. */
  remove(id: string): boolean {
    const isThere = this.#ofApi.delete(id);
    if (isThere) this.#changes += 1;
    return isThere;
  }

  /** Puts those of the file in place of the ones before. */
  replaceFile(silences: readonly Silence[]): void {
    this.#ofFile = silences.map((silence) => new SilenceRule(silence));
  }

  restore(silences: readonly Silence[]): void {
    for (const silence of silences) this.#ofApi.set(silence.id, new SilenceRule(silence));
  }

  /** Removes those that have ended, and names them. */
  sweep(nowMs: number): readonly Silence[] {
    const ended = [...this.#ofApi.values()].filter(({ untilMs }) => untilMs <= nowMs);
    for (const { silence } of ended) this.remove(silence.id);
    return ended.map(({ silence }) => silence);
  }

  /** The silence that covers a matter the longest; null when none does. */
  covering(matter: SilencedMatter, nowMs: number): Silence | null {
    let longest: SilenceRule | null = null;
    for (const rule of this.#rules()) {
      if (rule.untilMs <= nowMs || rule.untilMs <= (longest?.untilMs ?? 0)) continue;
      if (rule.covers(matter)) longest = rule;
    }
    return longest?.silence ?? null;
  }

  #rules(): SilenceRule[] {
    return [...this.#ofFile, ...this.#ofApi.values()];
  }
}
