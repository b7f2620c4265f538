import type { Address } from '../address.ts';
import type { AddressWindows } from '../window/address-windows.ts';
import { riskRank } from '../window/sign-in-pane.ts';
import type { AlertActivity, AlertSlot, CorroborationGrade } from './alert.ts';
import type { JudgedWindow } from './judge.ts';
import type { RatedJudgement } from './rating.ts';
import { isAbove } from './severity.ts';
import type { AlertSilence } from './silence.ts';

const grades: readonly CorroborationGrade[] = ['none', 'undetermined', 'other-principal', 'same-principal'];

interface DatedPane {
  readonly added: number;
  readonly addedLate: number;
}

/** What a finding remembers, as plain data that JSON carries. */
export interface FindingMemory {
  readonly isOpen: boolean;
  readonly last: RatedJudgement | null;
  readonly sent: readonly (readonly [string, number])[];
  readonly slots: readonly (readonly [number, readonly AlertSlot[]])[];
  /** End of the window that it was told of last; absent when it never was. */
  readonly toldEnd?: number;
  /** The silence that covered what was last emitted; absent when none did. */
  readonly silence?: AlertSilence;
  /** Whether a silence covered all that was emitted since it opened; absent when not. */
  readonly isUnheard?: true;
}

/**
 * What has been said of one (Caller, IP): whether it is open, which emissions were used, and up to which addition each
 * pane was sent. From the last follows whether something was added since, which a comparison of rows could not tell: a
 * window slides, so a record may leave it while another comes.
 */
export class Finding {
  readonly key: string;
  readonly caller: string;
  readonly address: Address;
  isOpen = false;
  /** What was last emitted, for the alert that closes the finding. */
  last: RatedJudgement | null = null;
  #silence: AlertSilence | null = null;
  #isHeard = true;
  readonly #sent = new Map<string, number>();
  readonly #slots = new Map<number, Set<AlertSlot>>();
  #toldEnd = Number.NEGATIVE_INFINITY;

  constructor(key: string, caller: string, address: Address) {
    this.key = key;
    this.caller = caller;
    this.address = address;
  }

  isUsed(windowEnd: number, slot: AlertSlot): boolean {
    return this.#slots.get(windowEnd)?.has(slot) ?? false;
  }

  /** The silence that covered what was last emitted; null when none did. */
  get silence(): AlertSilence | null {
    return this.#silence;
  }

  /** Whether something was emitted since it opened that no silence covered: who skips what is silenced knows of it then. */
  get isHeard(): boolean {
    return this.#isHeard;
  }

  /** Remembers which silence covers what is emitted now. */
  tell(activity: AlertActivity, silence: AlertSilence | null): void {
    this.#silence = silence;
    this.#isHeard = silence === null || (activity !== 'create' && this.#isHeard);
  }

  /** Whether what was told of it last, its close left out, speaks of a later window. */
  isToldAfter(windowEnd: number): boolean {
    return this.#toldEnd > windowEnd;
  }

  use(windowEnd: number, slot: AlertSlot): void {
    const used = this.#slots.get(windowEnd);
    if (used === undefined) this.#slots.set(windowEnd, new Set([slot]));
    else used.add(slot);
  }

  /**
   * Whether evidence was added since it was last sent: a record, a set member, risk, grade, indicator or confidence; or
   * the severity rose. One that falls is no news: whoever works on the finding is told of it with the next alert.
   */
  hasNews(windows: AddressWindows, judgement: RatedJudgement, window: JudgedWindow): boolean {
    for (const [series, pane] of panesOf(windows, this.caller, window))
      if (pane.added > (this.#sent.get(series) ?? 0)) return true;
    const last = this.last;
    if (last === null) return true;
    if (isAbove(judgement.severity, last.severity)) return true;
    if (judgement.row.ConfidenceScore > last.row.ConfidenceScore) return true;
    if (riskRank(judgement.row.MaxUserRisk) > riskRank(last.row.MaxUserRisk)) return true;
    if (grades.indexOf(judgement.corroboration.grade) > grades.indexOf(last.corroboration.grade)) return true;
    const known = new Set(last.indicators.map(({ source, id }) => `${source}\n${id}`));
    return judgement.indicators.some(({ source, id }) => !known.has(`${source}\n${id}`));
  }

  /** Whether what is not yet sent holds a record that came after its flush. */
  hasLateNews(windows: AddressWindows, window: JudgedWindow): boolean {
    for (const [series, pane] of panesOf(windows, this.caller, window))
      if (pane.addedLate > (this.#sent.get(series) ?? 0)) return true;
    return false;
  }

  /** Remembers that everything in a window has been sent. */
  markSent(windows: AddressWindows, judgement: RatedJudgement, window: JudgedWindow): void {
    this.last = judgement;
    this.#toldEnd = window.windowEnd;
    for (const [series, pane] of panesOf(windows, this.caller, window)) this.#sent.set(series, pane.added);
  }

  /** What it remembers, as plain data. */
  get memory(): FindingMemory {
    const slots = [...this.#slots].map(([windowEnd, used]): [number, AlertSlot[]] => [windowEnd, [...used]]);
    const told = Number.isFinite(this.#toldEnd) ? { toldEnd: this.#toldEnd } : {};
    const silence = this.#silence === null ? {} : { silence: this.#silence };
    const unheard = this.#isHeard ? {} : { isUnheard: true as const };
    return { isOpen: this.isOpen, last: this.last, sent: [...this.#sent], slots, ...told, ...silence, ...unheard };
  }

  /** Remembers what another process did. */
  recall({ isOpen, last, sent, slots, toldEnd, silence, isUnheard }: FindingMemory): void {
    this.#silence = silence ?? null;
    this.#isHeard = isUnheard !== true;
    this.isOpen = isOpen;
    this.last = last;
    for (const [series, number] of sent) this.#sent.set(series, number);
    for (const [windowEnd, used] of slots) this.#slots.set(windowEnd, new Set(used));
    this.#toldEnd = toldEnd ?? Number.NEGATIVE_INFINITY;
  }

  /** Forgets what concerns panes and windows that ended at or before a boundary. */
  forget(upTo: number): void {
    for (const windowEnd of this.#slots.keys()) if (windowEnd <= upTo) this.#slots.delete(windowEnd);
    for (const series of this.#sent.keys())
      if (Number(series.slice(series.indexOf('@') + 1)) <= upTo) this.#sent.delete(series);
  }
}

/** The panes of a window that a finding rests on, each named by its series and boundary. */
function* panesOf(windows: AddressWindows, caller: string, window: JudgedWindow): Generator<[string, DatedPane]> {
  const isInside = (end: number): boolean => end > window.windowStart && end <= window.windowEnd;
  for (const [end, pane] of windows.callers.get(caller) ?? []) if (isInside(end)) yield [`activity@${end}`, pane];
  for (const [kind, panes] of windows.signIns)
    for (const [end, pane] of panes) if (isInside(end)) yield [`${kind}@${end}`, pane];
}
