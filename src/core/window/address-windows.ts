import type { Address } from '../address.ts';
import { fold, type ActivityObservation, type SignInKind, type SignInObservation } from '../observation.ts';
import { ActivityPane, identityBytes } from './activity-pane.ts';
import { SignInPane } from './sign-in-pane.ts';

const entryBytes = 400;
const callerBytes = 200;

/** Panes of one series, by the boundary that closes them. */
export type Panes<Pane> = Map<number, Pane>;

/** How an observation is to be counted. */
export interface Addition {
  /** The boundary that closes its pane. */
  readonly paneEnd: number;
  /** The first window still to be judged that holds its pane. */
  readonly firstWindow: { readonly windowStart: number; readonly windowEnd: number };
  /** Number of this addition, larger than every earlier one. */
  readonly number: number;
  readonly late: boolean;
  /** The identity to count it by; null counts it each time. */
  readonly identity: string | null;
  /** Whether identities are no longer kept because their bound is met. */
  readonly inexact: boolean;
}

/** Everything about one address: its callers' panes and its sign-in panes, which lie together so that judging is local. */
export class AddressWindows {
  readonly address: Address;
  /** Panes by folded caller. */
  readonly callers = new Map<string, Panes<ActivityPane>>();
  /** Callers that came when the pinned bound was met, counted together. */
  readonly overflow: Panes<ActivityPane> = new Map();
  readonly signIns = new Map<SignInKind, Panes<SignInPane>>();
  bytes = entryBytes;
  /** Whether only ranges larger than a /16 match the address; those may pin a tenth of the bound at most. */
  isWide = false;
  identities = 0;
  /** The boundary of its oldest pane, +∞ when there is none. */
  oldestPaneEnd = Number.POSITIVE_INFINITY;
  /** Place among all addresses by when they were last seen, greater for a later one. */
  seen = 0;
  /** Number of the cut that copied it last, or that it came after. */
  copiedIn = 0;

  constructor(address: Address) {
    this.address = address;
  }

  get identityBytes(): number {
    return this.identities * identityBytes;
  }

  get callerCount(): number {
    return this.callers.size;
  }

  /** Counts an activity. False for a copy, also of one that another pane holds: an undated one, or one too early. */
  addActivity(observation: ActivityObservation, addition: Addition): boolean {
    this.oldestPaneEnd = Math.min(this.oldestPaneEnd, addition.paneEnd);
    const caller = fold(observation.caller);
    let panes = this.callers.get(caller);
    if (panes === undefined) {
      panes = new Map();
      this.callers.set(caller, panes);
      this.bytes += callerBytes + caller.length * 2;
    }
    const other = copyElsewhere(panes, addition);
    let pane = panes.get(addition.paneEnd);
    if (pane === undefined) {
      pane = new ActivityPane();
      panes.set(addition.paneEnd, pane);
      this.bytes += pane.bytes;
    }
    const before = pane.bytes;
    const identitiesBefore = pane.identities.size;
    const isNew = pane.add(observation, addition.identity);
    if (isNew && other !== 'judged') stamp(pane, addition);
    this.bytes += pane.bytes - before;
    this.identities += pane.identities.size - identitiesBefore;
    return isNew && other === null;
  }

  /** Counts an activity in the overflow pane, which keeps no sets. False for a copy. */
  addOverflow(observation: ActivityObservation, addition: Addition): boolean {
    this.oldestPaneEnd = Math.min(this.oldestPaneEnd, addition.paneEnd);
    let pane = this.overflow.get(addition.paneEnd);
    if (pane === undefined) {
      pane = new ActivityPane();
      this.overflow.set(addition.paneEnd, pane);
    }
    return pane.addUncharted(observation, addition.identity);
  }

  /** Counts a sign-in. False for a copy, also of one that an earlier pane holds. */
  addSignIn(observation: SignInObservation, addition: Addition): boolean {
    this.oldestPaneEnd = Math.min(this.oldestPaneEnd, addition.paneEnd);
    let panes = this.signIns.get(observation.kind);
    if (panes === undefined) {
      panes = new Map();
      this.signIns.set(observation.kind, panes);
    }
    const other = copyElsewhere(panes, addition);
    const name = fold(observation.principal);
    const isNamed = name === '' || isNamedBefore(panes, name, addition);
    let pane = panes.get(addition.paneEnd);
    if (pane === undefined) {
      pane = new SignInPane();
      panes.set(addition.paneEnd, pane);
      this.bytes += pane.bytes;
    }
    const { identity } = addition;
    const before = pane.bytes;
    const identitiesBefore = pane.identities.size;
    const isNew = identity === null || !pane.identities.has(identity);
    pane.add(observation, identity);
    // A higher risk is told by the row itself, since another pane may hold a higher one still.
    if ((isNew && other !== 'judged') || !isNamed) stamp(pane, addition);
    this.bytes += pane.bytes - before;
    this.identities += pane.identities.size - identitiesBefore;
    return isNew && other === null;
  }

  /** Reckons bytes, identities and the oldest pane anew, after panes were put in place one by one. */
  recount(): void {
    this.bytes = entryBytes;
    this.identities = 0;
    this.oldestPaneEnd = Math.min(Number.POSITIVE_INFINITY, ...this.overflow.keys());
    for (const [caller, panes] of this.callers) {
      this.bytes += callerBytes + caller.length * 2;
      this.#reckon(panes);
    }
    for (const panes of this.signIns.values()) this.#reckon(panes);
  }

  #reckon(all: Panes<ActivityPane | SignInPane>): void {
    for (const [end, pane] of all) {
      this.bytes += pane.bytes;
      this.identities += pane.identities.size;
      this.oldestPaneEnd = Math.min(this.oldestPaneEnd, end);
    }
  }

  /** The boundary of the newest pane. */
  newestPaneEnd(): number {
    return Math.max(...this.#ends());
  }

  *#ends(): Generator<number> {
    for (const panes of this.callers.values()) yield* panes.keys();
    for (const panes of this.signIns.values()) yield* panes.keys();
    yield* this.overflow.keys();
  }

  /** Forgets the panes that closed at or before a boundary. True when nothing is left. */
  forget(upTo: number): boolean {
    if (this.oldestPaneEnd > upTo) return this.oldestPaneEnd === Number.POSITIVE_INFINITY;
    for (const [caller, panes] of this.callers) {
      this.#drop(panes, upTo);
      if (panes.size > 0) continue;
      this.callers.delete(caller);
      this.bytes -= callerBytes + caller.length * 2;
    }
    for (const [kind, panes] of this.signIns) {
      this.#drop(panes, upTo);
      if (panes.size === 0) this.signIns.delete(kind);
    }
    for (const end of this.overflow.keys()) if (end <= upTo) this.overflow.delete(end);
    this.oldestPaneEnd = Math.min(...this.#ends());
    return this.oldestPaneEnd === Number.POSITIVE_INFINITY;
  }

  #drop(panes: Panes<ActivityPane | SignInPane>, upTo: number): void {
    for (const [end, pane] of panes) {
      if (end > upTo) continue;
      this.bytes -= pane.bytes;
      this.identities -= pane.identities.size;
      panes.delete(end);
    }
  }
}

/**
 * Whether another pane holds a copy: `judged` when the first window that holds this pane holds that one, and later ones
 * do or have been told, so that the copy adds nothing; `ahead` when only a later pane does, which that window may not
 * reach. A pane before that window is still there when the flush before it is late, and counts for nothing.
 */
function copyElsewhere(
  panes: Panes<ActivityPane> | Panes<SignInPane>,
  { identity, paneEnd, firstWindow }: Addition,
): 'judged' | 'ahead' | null {
  if (identity === null) return null;
  let found: 'ahead' | null = null;
  for (const [end, { identities }] of panes) {
    if (end === paneEnd || end <= firstWindow.windowStart || !identities.has(identity)) continue;
    if (end <= firstWindow.windowEnd) return 'judged';
    found = 'ahead';
  }
  return found;
}

/** Whether a pane of the first window, or one read ahead, shows the name already. */
function isNamedBefore(panes: Panes<SignInPane>, name: string, { firstWindow }: Addition): boolean {
  for (const [end, { names }] of panes) if (end > firstWindow.windowStart && names.has(name)) return true;
  return false;
}

function stamp(pane: ActivityPane | SignInPane, addition: Addition): void {
  pane.added = addition.number;
  if (addition.late) pane.addedLate = addition.number;
  pane.inexact ||= addition.inexact;
}

/** Merges the panes of a series that close inside (windowStart, windowEnd]; null when there are none. */
export function mergeWindow<Pane extends { merge(other: Pane): void }>(
  panes: Panes<Pane> | undefined,
  windowStart: number,
  windowEnd: number,
  empty: () => Pane,
): Pane | null {
  let merged: Pane | null = null;
  for (const [end, pane] of panes ?? []) {
    if (end <= windowStart || end > windowEnd) continue;
    merged ??= empty();
    merged.merge(pane);
  }
  return merged;
}
