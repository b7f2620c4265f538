import { formatMs, HOUR_MS } from '../time.ts';
import { rule, type Alert } from './alert.ts';
import { alertId, findingKey, type Digest } from './alert-id.ts';
import { linksOf, type LinkSettings } from './links.ts';

const caller = 'tidewatch-test';
/** TEST-NET-1 (RFC 5737): nobody's address. */
const ip = '192.0.2.1';
const description = 'Test of the sinks of Tidewatch: nothing has happened';

/**
 * A marked alert and its close, for trying a sink: of a caller and an address that nobody has, of the least severity,
 * saying in words that it is a test. Each instant has ids of its own, so that no receiver takes it for an old one.
 */
export function trialAlerts(digest: Digest, links: LinkSettings, nowMs: number): readonly [Alert, Alert] {
  const windowEnd = formatMs(nowMs);
  const key = findingKey(digest, caller, ip);
  const opening: Alert = {
    schemaVersion: 1,
    id: alertId(digest, key, windowEnd, 'match'),
    findingKey: key,
    emittedAt: formatMs(nowMs),
    rule,
    severity: 'Informational',
    activity: 'create',
    caller,
    ip,
    windowStart: formatMs(nowMs - 24 * HOUR_MS),
    windowEnd,
    row: {
      Caller: caller,
      TI_IP: ip,
      OperationCount: 1,
      Operations: ['Tidewatch/test/action'],
      SubscriptionIds: [],
      ResourceGroups: [],
      AffectedResources: [],
      CallerIP: ip,
      ThreatType: '',
      TI_Description: description,
      ConfidenceScore: 0,
      ActivityGroupNames: '',
      TLPLevel: '',
      FirstSeen: formatMs(nowMs),
      LastSeen: formatMs(nowMs),
      UserSigninCount: null,
      SigninUsers: null,
      MaxUserRisk: '',
      SPSigninCount: null,
      SigninSPs: null,
      CorroboratedBySignin: false,
      TotalSigninCount: 0,
      AccountName: caller,
      AccountUPNSuffix: '',
    },
    indicators: [],
    corroboration: { grade: 'none', evidence: [] },
    allowLists: [],
    truncated: [],
    late: false,
    backfill: false,
    partial: null,
    incomplete: null,
    silenced: null,
    indexVersion: 'test',
    links: linksOf(links, ip, []),
  };
  const id = alertId(digest, key, windowEnd, 'flush');
  return [opening, { ...opening, id, activity: 'close', closeReason: 'window-empty' }];
}
