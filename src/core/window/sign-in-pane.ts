import { setLimits } from '../alert/row.ts';
import { fold, type Identity, type Risk, type SignInObservation } from '../observation.ts';
import { earlier, later, type EventTime } from '../time.ts';
import { identityBytes } from './activity-pane.ts';
import { EarliestSet, earliestForm, type Member } from './earliest-set.ts';

const paneBytes = 500;
const principalBytes = 520;

/** Most names of one principal that are kept. */
const principalNamesMax = 8;

/** More principals than this in a window leave its corroboration undetermined. */
export const principalsMax = 4096;

const risks: readonly string[] = ['', 'unknown', 'hidden', 'none', 'low', 'medium', 'high'] satisfies Risk[];

/** Place of a risk among all, greater for a higher one. */
export function riskRank(risk: string): number {
  return risks.indexOf(risk);
}

/** The higher of two risks by rank. */
export function higherRisk(a: Risk, b: Risk): Risk {
  return riskRank(a) >= riskRank(b) ? a : b;
}

/** An empty set for the names of one principal. */
export function principalSet(): EarliestSet {
  return new EarliestSet(principalNamesMax);
}

/** A principal that signed in. Its key is its object id, or its folded name where it has none. */
export interface Principal {
  readonly objectId: string;
  /** Its names without regard to case: one, unless it was renamed. */
  readonly names: EarliestSet;
  app: Member | null;
  first: EventTime;
  last: EventTime;
}

const zeroGuid = '00000000-0000-0000-0000-000000000000';

/** Object id as it is compared: folded, "" for the all-zero id that Entra writes for none. */
export function objectIdKey(objectId: string): string {
  const folded = fold(objectId);
  return folded === zeroGuid ? '' : folded;
}

/** Key of a principal: its object id, else its name, told apart from an object id of the same text. */
function principalKey({ objectId, principal }: SignInObservation): string {
  return objectIdKey(objectId) || (principal === '' ? '' : `~${fold(principal)}`);
}

/** The successful sign-ins of one kind from one address in one pane. Mergeable, as ActivityPane is. */
export class SignInPane {
  /** Identity of each sign-in and the key of its principal. */
  readonly identities = new Map<Identity, string>();
  /** Sign-ins counted without an identity, by principal key. */
  readonly anonymous = new Map<string, number>();
  readonly principals = new Map<string, Principal>();
  /** Whether there were more principals than are kept. */
  overflowed = false;
  inexact = false;
  readonly names = new EarliestSet(setLimits.SigninUsers);
  risk: Risk = '';
  added = 0;
  addedLate = 0;

  get count(): number {
    let count = this.identities.size;
    for (const copies of this.anonymous.values()) count += copies;
    return count;
  }

  get bytes(): number {
    return paneBytes + this.identities.size * identityBytes + this.principals.size * principalBytes + this.names.bytes;
  }

  /** Counts a sign-in. False for a copy that added nothing. */
  add(observation: SignInObservation, identity: Identity | null): boolean {
    const { time } = observation;
    const key = principalKey(observation);
    const isNew = identity === null || !this.identities.has(identity);
    if (identity === null) this.anonymous.set(key, (this.anonymous.get(key) ?? 0) + 1);
    else this.#identify(identity, key);
    const raised = higherRisk(this.risk, observation.risk) !== this.risk;
    this.risk = higherRisk(this.risk, observation.risk);
    const named = this.names.add(observation.principal, time);
    const names = principalSet();
    names.add(observation.principal, time);
    this.#meet(key, {
      objectId: objectIdKey(observation.objectId),
      names,
      app: observation.app === '' ? null : { time, form: observation.app },
      first: time,
      last: time,
    });
    return isNew || raised || named;
  }

  merge(other: SignInPane): void {
    for (const [identity, key] of other.identities) this.#identify(identity, key);
    for (const [key, copies] of other.anonymous) this.anonymous.set(key, (this.anonymous.get(key) ?? 0) + copies);
    for (const [key, principal] of other.principals) this.#meet(key, principal);
    this.overflowed ||= other.overflowed;
    this.inexact ||= other.inexact;
    this.names.merge(other.names);
    this.risk = higherRisk(this.risk, other.risk);
    this.added = Math.max(this.added, other.added);
    this.addedLate = Math.max(this.addedLate, other.addedLate);
  }

  /** How many sign-ins each principal key has. */
  countsByPrincipal(): Map<string, number> {
    const counts = new Map(this.anonymous);
    for (const key of this.identities.values()) counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts;
  }

  /** Copies of one sign-in that name several principals belong to the least of them, in whatever order they come. */
  #identify(identity: Identity, key: string): void {
    const known = this.identities.get(identity);
    if (known === undefined || key < known) this.identities.set(identity, key);
  }

  #meet(key: string, seen: Principal): void {
    const known = this.principals.get(key);
    if (known === undefined) {
      if (this.principals.size >= principalsMax) this.overflowed = true;
      else this.principals.set(key, copyOf(seen));
      return;
    }
    known.names.merge(seen.names);
    known.app = earliestForm(known.app, seen.app);
    known.first = earlier(known.first, seen.first);
    known.last = later(known.last, seen.last);
  }
}

/** A principal that shares nothing with another pane, so that merging into it leaves that one alone. */
function copyOf(principal: Principal): Principal {
  const names = principalSet();
  names.merge(principal.names);
  return { ...principal, names };
}
