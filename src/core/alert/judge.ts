import { formatAddress } from '../address.ts';
import { decayedAt } from '../intel/confidence.ts';
import { isWithheld } from '../intel/feed-policy.ts';
import { type Indicator, isValidAt, tlpLevels, type Sighting } from '../intel/indicator.ts';
import { compareSightings } from '../intel/sighting-order.ts';
import { formatMs, formatTime } from '../time.ts';
import { ActivityPane } from '../window/activity-pane.ts';
import { mergeWindow, type AddressWindows } from '../window/address-windows.ts';
import type { AlertIndicator, Corroboration } from './alert.ts';
import { corroborate, mergeSignIns, type WindowSignIns } from './corroborate.ts';
import type { Row } from './row.ts';

/** What the rule says of one (Caller, IP) over one window. */
export interface Judgement {
  readonly row: Row;
  readonly indicators: readonly AlertIndicator[];
  readonly corroboration: Corroboration;
  readonly truncated: readonly string[];
}

export interface JudgedWindow {
  /** Boundary before the window: panes that close at or before it are outside. */
  readonly windowStart: number;
  readonly windowEnd: number;
}

/** The sightings whose indicators are valid at an instant, with the confidence they have then, best first. */
export function validSightings(sightings: readonly Sighting[], atMs: number): readonly Sighting[] {
  if (sightings.length === 0) return sightings;
  const valid = sightings.filter(({ indicator }) => isValidAt(indicator, atMs));
  if (!valid.some(({ indicator }) => indicator.decaying !== undefined)) return valid;
  return valid.map((each) => ({ ...each, indicator: decayedAt(each.indicator, atMs) })).sort(compareSightings);
}

/** One entry an indicator, also when several of its observables cover the address. */
export function describeIndicators(sightings: readonly Sighting[]): AlertIndicator[] {
  const seen = new Set<string>();
  const listed: AlertIndicator[] = [];
  for (const { indicator, observable } of sightings) {
    const key = `${indicator.source}\n${indicator.id}`;
    if (seen.has(key)) continue;
    seen.add(key);
    listed.push({
      id: indicator.id,
      source: indicator.source,
      sourceName: indicator.sourceName ?? '',
      confidence: indicator.confidence ?? 0,
      modified: indicator.modified,
      validFrom: indicator.validFromMs === null ? null : formatMs(Math.floor(indicator.validFromMs)),
      validUntil: indicator.validUntilGiven ? formatMs(Math.floor(indicator.validUntilMs)) : null,
      pattern: isWithheld(indicator) ? '' : indicator.pattern,
      value: isWithheld(indicator) ? '' : observable.value,
      types: indicator.types,
      labels: indicator.labels,
      tlp: indicator.tlp,
      actors: indicator.actors,
    });
  }
  return listed;
}

function strictestTlp(sightings: readonly Sighting[]): string {
  return tlpLevels.find((level) => sightings.some(({ indicator }) => indicator.tlp === level)) ?? '';
}

function jsonList(texts: readonly string[] | undefined): string {
  return texts === undefined || texts.length === 0 ? '' : JSON.stringify(texts);
}

/** What stands for a description that TLP:RED keeps out of alerts; one that is empty stays so. */
const withheldText = 'Withheld (TLP:RED)';

function shownDescription(indicator: Indicator): string {
  return indicator.description !== '' && isWithheld(indicator) ? withheldText : indicator.description;
}

function rowOf(activity: ActivityPane, ip: string, sightings: readonly Sighting[], signIns: WindowSignIns): Row {
  const caller = activity.caller?.form ?? '';
  const best = sightings[0]?.indicator;
  const users = signIns.get('user');
  const servicePrincipals = signIns.get('service-principal');
  const [accountName = '', accountSuffix = ''] = caller.split('@');
  return {
    Caller: caller,
    TI_IP: ip,
    OperationCount: activity.count,
    Operations: activity.operations.values(),
    SubscriptionIds: activity.subscriptionIds.values(),
    ResourceGroups: activity.resourceGroups.values(),
    AffectedResources: activity.resources.values(),
    CallerIP: ip,
    ThreatType: jsonList(best?.types),
    TI_Description: best === undefined ? '' : shownDescription(best),
    ConfidenceScore: best?.confidence ?? 0,
    ActivityGroupNames: jsonList(best?.labels),
    TLPLevel: strictestTlp(sightings),
    FirstSeen: activity.first === null ? '' : formatTime(activity.first),
    LastSeen: activity.last === null ? '' : formatTime(activity.last),
    UserSigninCount: users?.count ?? null,
    SigninUsers: users?.names.values() ?? null,
    MaxUserRisk: users === undefined ? '' : users.risk,
    SPSigninCount: servicePrincipals?.count ?? null,
    SigninSPs: servicePrincipals?.names.values() ?? null,
    CorroboratedBySignin: users !== undefined || servicePrincipals !== undefined,
    TotalSigninCount: (users?.count ?? 0) + (servicePrincipals?.count ?? 0),
    AccountName: accountName,
    AccountUPNSuffix: accountSuffix,
  };
}

function truncatedColumns(activity: ActivityPane, signIns: WindowSignIns): string[] {
  const users = signIns.get('user');
  const servicePrincipals = signIns.get('service-principal');
  const cuts: [string, boolean | undefined][] = [
    ['OperationCount', activity.inexact],
    ['Operations', activity.operations.truncated],
    ['SubscriptionIds', activity.subscriptionIds.truncated],
    ['ResourceGroups', activity.resourceGroups.truncated],
    ['AffectedResources', activity.resources.truncated],
    ['UserSigninCount', users?.inexact],
    ['SigninUsers', users?.names.truncated],
    ['SPSigninCount', servicePrincipals?.inexact],
    ['SigninSPs', servicePrincipals?.names.truncated],
  ];
  return cuts.filter(([, isCut]) => isCut === true).map(([column]) => column);
}

/**
 * Judges what a caller did from an address over a window, by indicators that are already known to be valid. Null when
 * the window holds no activity of the caller.
 */
export function judge(
  windows: AddressWindows,
  caller: string,
  sightings: readonly Sighting[],
  { windowStart, windowEnd }: JudgedWindow,
): Judgement | null {
  const activity = mergeWindow(windows.callers.get(caller), windowStart, windowEnd, () => new ActivityPane());
  if (activity === null) return null;
  const signIns = mergeSignIns(windows, windowStart, windowEnd);
  return {
    row: rowOf(activity, formatAddress(windows.address), sightings, signIns),
    indicators: describeIndicators(sightings),
    corroboration: corroborate(activity, caller, signIns),
    truncated: truncatedColumns(activity, signIns),
  };
}
