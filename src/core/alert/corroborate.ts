import type { AddressWindows } from '../window/address-windows.ts';
import { mergeWindow } from '../window/address-windows.ts';
import type { SignInKind } from '../observation.ts';
import { compareTime, formatTime } from '../time.ts';
import { ActivityPane } from '../window/activity-pane.ts';
import { objectIdKey, principalsMax, SignInPane, type Principal } from '../window/sign-in-pane.ts';
import type { Corroboration, CorroborationGrade, SignInEvidence } from './alert.ts';

/** Most principals that an alert lists as evidence. */
const evidenceMax = 20;

/** The sign-ins of each kind from one address, merged over a window. */
export type WindowSignIns = ReadonlyMap<SignInKind, SignInPane>;

export function mergeSignIns(windows: AddressWindows, windowStart: number, windowEnd: number): WindowSignIns {
  const merged = new Map<SignInKind, SignInPane>();
  for (const [kind, panes] of windows.signIns) {
    const pane = mergeWindow(panes, windowStart, windowEnd, () => new SignInPane());
    if (pane !== null) merged.set(kind, pane);
  }
  return merged;
}

function isUser(kind: SignInKind): boolean {
  return kind === 'user' || kind === 'non-interactive';
}

/** Whether a sign-in was by the principal of an activity: by object id, else by the folded UPN of a user. */
function isSame(kind: SignInKind, principal: Principal, objectIds: ReadonlySet<string>, caller: string): boolean {
  if (principal.objectId !== '' && objectIds.has(principal.objectId)) return true;
  return isUser(kind) && caller !== '' && principal.names.has(caller);
}

interface Met {
  readonly kind: SignInKind;
  readonly key: string;
  readonly principal: Principal;
  readonly count: number;
  readonly same: boolean;
}

function gradeOf(met: readonly Met[], objectIdsCut: boolean, hasKey: boolean): CorroborationGrade {
  if (met.length === 0) return 'none';
  if (met.some(({ same }) => same)) return 'same-principal';
  if (objectIdsCut) return 'undetermined';
  const comparable = met.some(({ principal }) => principal.objectId !== '' || principal.names.size > 0);
  return hasKey && comparable ? 'other-principal' : 'undetermined';
}

function evidenceOf({ kind, principal, count }: Met): SignInEvidence {
  return {
    kind,
    principal: principal.names.values()[0] ?? '',
    objectId: principal.objectId,
    app: principal.app?.form ?? '',
    count,
    first: formatTime(principal.first),
    last: formatTime(principal.last),
  };
}

/** Every principal that signed in, as evidence without regard to any activity. */
export function signInEvidence(signIns: WindowSignIns): readonly SignInEvidence[] {
  return corroborate(new ActivityPane(), '', signIns).evidence;
}

/** Says how well the sign-ins of a window corroborate what a caller did, decided on keys, not on the shown sets. */
export function corroborate(activity: ActivityPane, caller: string, signIns: WindowSignIns): Corroboration {
  const objectIds = new Set([...activity.objectIds.folded()].map(objectIdKey).filter((id) => id !== ''));
  const met: Met[] = [];
  let overflowed = false;
  for (const [kind, pane] of signIns) {
    overflowed ||= pane.overflowed;
    const counts = pane.countsByPrincipal();
    for (const [key, principal] of pane.principals)
      met.push({ kind, key, principal, count: counts.get(key) ?? 0, same: isSame(kind, principal, objectIds, caller) });
  }
  overflowed ||= new Set(met.map(({ key }) => key)).size > principalsMax;
  met.sort(
    (a, b) =>
      Number(b.same) - Number(a.same) ||
      compareTime(a.principal.first, b.principal.first) ||
      (a.key < b.key ? -1 : a.key > b.key ? 1 : a.kind < b.kind ? -1 : 1),
  );
  return {
    grade: overflowed
      ? 'undetermined'
      : gradeOf(met, activity.objectIds.truncated, objectIds.size > 0 || caller !== ''),
    evidence: met.slice(0, evidenceMax).map(evidenceOf),
  };
}
