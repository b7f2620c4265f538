import { formatMs } from '../time.ts';
import { SilenceRule, type AlertSilence, type Silence, type SilencedMatter } from './silence.ts';

/** How long one that has ended is shown. */
const endedKeptMs = 30 * 86_400_000;

/** A silence that is over: it expired, was deleted, or is no longer in the file. */
export interface EndedSilence {
  readonly silence: Silence;
  /** ISO 8601 UTC. */
  readonly endedAt: string;
  /** Who deleted it; null when its time was over. */
  readonly endedBy: string | null;
}

/** Silences of the API as a state keeps them. */
export interface StoredSilences {
  readonly active: readonly Silence[];
  readonly ended: readonly EndedSilence[];
}

/** What a summary of a shard says of silences. */
export interface SilenceSummary {
  /** Grows with each change; absent in what was written before there were silences. */
  readonly silenceRevision?: number;
  /** Absent in a delta when nothing changed since the cut before it. */
  readonly silences?: StoredSilences;
}

/** The silences, those of the file and those of the API; only the latter belong to the state. */
export class Silences {
  readonly #max: number;
  #ofFile: readonly SilenceRule[] = [];
  readonly #ofApi = new Map<string, SilenceRule>();
  #ended: EndedSilence[] = [];
  #revision = 0;
  #cutRevision = 0;
  #committed: number;

  /**
   * @param max Most silences that the API may add, and most that are kept after their end.
   * @param isDurable Whether a change counts as kept only once a cut that holds it is committed.
   */
  constructor(max: number, isDurable: boolean) {
    this.#max = max;
    this.#committed = isDurable ? 0 : Number.POSITIVE_INFINITY;
  }

  /** Grows with every change of those of the API. */
  get revision(): number {
    return this.#revision;
  }

  /** Whether something changed that no cut has taken. */
  get hasUncut(): boolean {
    return this.#revision > this.#cutRevision;
  }

  /** Whether the API may add another one. */
  get hasRoom(): boolean {
    return this.#ofApi.size < this.#max;
  }

  /** How many the state keeps, those that have ended left out, and how many it may. */
  get bound(): { readonly used: number; readonly limit: number } {
    return { used: this.#ofApi.size, limit: this.#max };
  }

  /** What a cut keeps of them. */
  takeForCut(all: boolean): SilenceSummary {
    const isChanged = all || this.hasUncut;
    this.#cutRevision = this.#revision;
    const active = [...this.#ofApi.values()].map(({ silence }) => silence);
    return {
      silenceRevision: this.#revision,
      ...(isChanged ? { silences: { active, ended: [...this.#ended] } } : {}),
    };
  }

  /** Says that the changes up to a revision are kept. */
  commitUpTo(revision: number): void {
    this.#committed = Math.max(this.#committed, revision);
  }

  isCommitted(revision: number): boolean {
    return revision <= this.#committed;
  }

  /** Goes on where another process ended. */
  restore({ silenceRevision = 0, silences = { active: [], ended: [] } }: SilenceSummary): void {
    this.#revision = silenceRevision;
    this.#cutRevision = silenceRevision;
    this.commitUpTo(silenceRevision);
    for (const silence of silences.active) this.#ofApi.set(silence.id, new SilenceRule(silence));
    this.#ended = [...silences.ended];
  }

  /** All in force, the first to end first. */
  active(nowMs: number): readonly Silence[] {
    return this.#rules()
      .filter(({ untilMs }) => untilMs > nowMs)
      .sort((a, b) => a.untilMs - b.untilMs || (a.silence.id < b.silence.id ? -1 : 1))
      .map(({ silence }) => silence);
  }

  /** Those that are over and still kept, the last to end first. */
  ended(): readonly EndedSilence[] {
    return this.#ended.toReversed();
  }

  add(silence: Silence): void {
    this.#ofApi.set(silence.id, new SilenceRule(silence));
    this.#revision += 1;
  }

  /** Takes back one that was added but could not be kept: it leaves no trace. */
  withdraw(id: string): void {
    if (this.#ofApi.delete(id)) this.#revision += 1;
  }

  /** Ends one of the API; null when none of this id is in force. */
  end(id: string, by: string, nowMs: number): Silence | null {
    const rule = this.#ofApi.get(id);
    if (rule === undefined || rule.untilMs <= nowMs) return null;
    this.#ofApi.delete(id);
    this.#keepEnded({ silence: rule.silence, endedAt: formatMs(nowMs), endedBy: by });
    this.#forgetEnded(nowMs);
    this.#revision += 1;
    return rule.silence;
  }

  /** Puts those of the file in place of the ones before; what came and what went. */
  replaceFile(silences: readonly Silence[]): {
    readonly added: readonly Silence[];
    readonly removed: readonly Silence[];
  } {
    const before = new Set(this.#ofFile.map(({ silence }) => silence.id));
    const after = new Set(silences.map(({ id }) => id));
    const removed = this.#ofFile.filter(({ silence }) => !after.has(silence.id)).map(({ silence }) => silence);
    this.#ofFile = silences.map((silence) => new SilenceRule(silence));
    return { added: silences.filter(({ id }) => !before.has(id)), removed };
  }

  /** Removes those whose time is over, and names them; forgets what has been over for long. */
  sweep(nowMs: number): readonly Silence[] {
    const isOver = ({ untilMs }: SilenceRule): boolean => untilMs <= nowMs;
    const ofFile = this.#ofFile.filter(isOver).map(({ silence }) => silence);
    if (ofFile.length > 0) this.#ofFile = this.#ofFile.filter((rule) => !isOver(rule));
    const ofApi = [...this.#ofApi.values()].filter(isOver).map(({ silence }) => silence);
    for (const silence of ofApi) {
      this.#ofApi.delete(silence.id);
      this.#keepEnded({ silence, endedAt: silence.until, endedBy: null });
    }
    const isForgotten = this.#forgetEnded(nowMs);
    if (ofApi.length > 0 || isForgotten) this.#revision += 1;
    return [...ofFile, ...ofApi];
  }

  /** Of the silences that cover a matter the one that lasts longest; null when none does. */
  covering(matter: SilencedMatter, nowMs: number): AlertSilence | null {
    let longest: SilenceRule | null = null;
    for (const rule of this.#rules()) {
      if (rule.untilMs <= nowMs || (longest !== null && !lastsLonger(rule, longest))) continue;
      if (rule.covers(matter)) longest = rule;
    }
    if (longest === null) return null;
    const { id, author, reason, until } = longest.silence;
    return { id, author, reason, until };
  }

  #keepEnded(ended: EndedSilence): void {
    this.#ended.push(ended);
    if (this.#ended.length > this.#max) this.#ended.shift();
  }

  #forgetEnded(nowMs: number): boolean {
    const kept = this.#ended.filter(({ endedAt }) => Date.parse(endedAt) > nowMs - endedKeptMs);
    const isForgotten = kept.length < this.#ended.length;
    this.#ended = kept;
    return isForgotten;
  }

  #rules(): SilenceRule[] {
    return [...this.#ofFile, ...this.#ofApi.values()];
  }
}

/** By the id where both end at once, so that the order in which they came changes nothing. */
function lastsLonger(a: SilenceRule, b: SilenceRule): boolean {
  return a.untilMs === b.untilMs ? a.silence.id < b.silence.id : a.untilMs > b.untilMs;
}
