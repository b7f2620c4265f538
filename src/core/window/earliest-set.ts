import { fold } from '../observation.ts';
import { compareTime, type EventTime } from '../time.ts';

/** A member of a set as it is shown: the form of its least (time, form). */
export interface Member {
  readonly time: EventTime;
  readonly form: string;
}

function precedes(a: Member, b: Member): boolean {
  const order = compareTime(a.time, b.time);
  return order < 0 || (order === 0 && a.form < b.form);
}

/** The earlier of two forms of one thing: by time, then by text, so that the choice does not depend on order. */
export function earliestForm(a: Member | null, b: Member | null): Member | null {
  if (a === null) return b;
  return b !== null && precedes(b, a) ? b : a;
}

const memberBytes = 160;

/**
 * The distinct texts of a column without regard to case, bounded: keeps the least `shown + 1` by (first event time,
 * folded text), which is exact. A member that was cut can only come back with a time that beats the ones kept, and then
 * that time is its true first. One more than shown is kept so that a cut is known. Empty text is no member.
 */
export class EarliestSet {
  readonly #members = new Map<string, Member>();
  readonly #shown: number;
  #textLength = 0;

  constructor(shown: number) {
    this.#shown = shown;
  }

  get bytes(): number {
    return this.#members.size * memberBytes + this.#textLength * 4;
  }

  get size(): number {
    return this.#members.size;
  }

  /** Adds a text seen at a time. True when the set holds a member that it did not hold before. */
  add(form: string, time: EventTime): boolean {
    if (form === '') return false;
    const folded = fold(form);
    const known = this.#members.get(folded);
    const candidate = { time, form };
    if (known !== undefined) {
      if (precedes(candidate, known)) this.#members.set(folded, candidate);
      return false;
    }
    this.#members.set(folded, candidate);
    this.#textLength += folded.length;
    return this.#members.size <= this.#shown + 1 || this.#cut() !== folded;
  }

  merge(other: EarliestSet): void {
    for (const { form, time } of other.#members.values()) this.add(form, time);
  }

  has(folded: string): boolean {
    return this.#members.has(folded);
  }

  /** Everything it holds, in no order that means anything; adding each to another set of the same size copies it. */
  members(): Iterable<Member> {
    return this.#members.values();
  }

  /** Folded texts, in no order that means anything. */
  folded(): Iterable<string> {
    return this.#members.keys();
  }

  /** The shown members, least first. */
  values(): string[] {
    return this.#ordered()
      .slice(0, this.#shown)
      .map(([, member]) => member.form);
  }

  /** Whether there are more members than are shown. */
  get truncated(): boolean {
    return this.#members.size > this.#shown;
  }

  #ordered(): [string, Member][] {
    return [...this.#members].sort(([a, x], [b, y]) => compareTime(x.time, y.time) || (a < b ? -1 : 1));
  }

  #cut(): string {
    let last = '';
    let lastTime: EventTime | null = null;
    for (const [folded, { time }] of this.#members) {
      const order = lastTime === null ? 1 : compareTime(time, lastTime);
      if (order > 0 || (order === 0 && folded > last)) [last, lastTime] = [folded, time];
    }
    this.#members.delete(last);
    this.#textLength -= last.length;
    return last;
  }
}
