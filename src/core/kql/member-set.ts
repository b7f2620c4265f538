import { compareText } from '../intel/stix-time.ts';
import { fold } from '../observation.ts';
import { compareTime, type EventTime } from '../time.ts';
import type { Repairs } from './repair.ts';

/** A value of a column and the time its record counts at. */
export interface Member {
  readonly time: EventTime;
  readonly form: string;
}

/** Orders forms of one thing: earliest first, then by text. */
export function compareForms(a: Member, b: Member): number {
  return compareTime(a.time, b.time) || compareText(a.form, b.form);
}

/**
 * The rule's `make_set(column, limit)`. To the letter: the values first met, exact, "" among them. Which values survive
 * the limit is left open by the language; here they are the first in the order of the records.
 */
export function makeSet(members: readonly Member[], limit: number, repairs: Repairs): string[] {
  const distinct = new Map<string, Member>();
  for (const member of members) {
    if (member.form === '' && repairs.has('empty-member')) continue;
    const key = repairs.has('set-case') ? fold(member.form) : member.form;
    const known = distinct.get(key);
    if (known === undefined) distinct.set(key, member);
    else if (repairs.has('set-order') && compareForms(member, known) < 0) distinct.set(key, member);
  }
  const entries = [...distinct];
  if (repairs.has('set-order')) {
    entries.sort(([a, x], [b, y]) => compareTime(x.time, y.time) || compareText(a, b));
  }
  return entries.slice(0, limit).map(([, { form }]) => form);
}
