import { setLimits, type Row } from '../alert/row.ts';
import { identityOf } from '../identity.ts';
import { fold } from '../observation.ts';
import type { ActivityRecord, AzureRecord, SignInRecord } from '../record.ts';
import { earlier, formatTime, later } from '../time.ts';
import { countedRecords, type AddressCase, type CountedRecord, type Evaluation } from './address-case.ts';
import { compareForms, makeSet, type Member } from './member-set.ts';
import { greatestRisk } from './risk.ts';
import { matchOf, type TiMatch } from './ti-match.ts';

type Counted<Kind> = readonly CountedRecord<Kind>[];

/**
 * The rows of the rule for one address: one per (Caller, TI_IP). Without repairs this is the rule to the letter, with
 * all of them the repaired semantics, with some of them what a comparison asks.
 */
export function rowsOf(addressCase: AddressCase, evaluation: Evaluation): Row[] {
  const { repairs } = evaluation;
  const activities = countedRecords(addressCase.activities, addressCase, evaluation);
  if (activities.length === 0) return [];
  const users = groupBy(countedRecords(addressCase.users, addressCase, evaluation), ({ ip }) => ip);
  const servicePrincipals = groupBy(
    countedRecords(addressCase.servicePrincipals, addressCase, evaluation),
    ({ ip }) => ip,
  );
  const rows: Row[] = [];
  for (const [ip, group] of groupBy(activities, (each) => each.ip)) {
    const match = matchOf(ip, addressCase, evaluation);
    if (match === null) continue;
    const signIns = { users: users.get(ip) ?? [], servicePrincipals: servicePrincipals.get(ip) ?? [] };
    const byCaller = groupBy(group, ({ record: { caller } }) => (repairs.has('caller-case') ? fold(caller) : caller));
    for (const records of byCaller.values()) rows.push(rowOf(ip, records, match, signIns, evaluation));
  }
  return rows;
}

interface SignIns {
  readonly users: Counted<SignInRecord>;
  readonly servicePrincipals: Counted<SignInRecord>;
}

function rowOf(
  ip: string,
  records: Counted<ActivityRecord>,
  match: TiMatch,
  { users, servicePrincipals }: SignIns,
  evaluation: Evaluation,
): Row {
  const { repairs } = evaluation;
  const set = (column: 'operation' | 'subscriptionId' | 'resourceGroup' | 'resourceId', limit: number): string[] =>
    makeSet(
      membersOf(records, (record) => record[column]),
      limit,
      repairs,
    );
  const principals = (signIns: Counted<SignInRecord>, limit: number): string[] | null =>
    signIns.length === 0
      ? null
      : makeSet(
          membersOf(signIns, (record) => record.principal),
          limit,
          repairs,
        );
  const Caller = callerOf(records);
  const UserSigninCount = users.length === 0 ? null : countOf(users, evaluation);
  const SPSigninCount = servicePrincipals.length === 0 ? null : countOf(servicePrincipals, evaluation);
  const times = records.map(({ time }) => time);
  const [AccountName = '', AccountUPNSuffix = ''] = Caller.split('@');
  return {
    Caller,
    TI_IP: ip,
    OperationCount: countOf(records, evaluation),
    Operations: set('operation', setLimits.Operations),
    SubscriptionIds: set('subscriptionId', setLimits.SubscriptionIds),
    ResourceGroups: set('resourceGroup', setLimits.ResourceGroups),
    AffectedResources: set('resourceId', setLimits.AffectedResources),
    CallerIP: ip,
    ...match,
    FirstSeen: formatTime(times.reduce(earlier)),
    LastSeen: formatTime(times.reduce(later)),
    UserSigninCount,
    SigninUsers: principals(users, setLimits.SigninUsers),
    MaxUserRisk: greatestRisk(
      users.map(({ record }) => record.risk),
      repairs,
    ),
    SPSigninCount,
    SigninSPs: principals(servicePrincipals, setLimits.SigninSPs),
    CorroboratedBySignin: UserSigninCount !== null || SPSigninCount !== null,
    TotalSigninCount: (UserSigninCount ?? 0) + (SPSigninCount ?? 0),
    AccountName,
    AccountUPNSuffix,
  };
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function membersOf<Kind>(records: Counted<Kind>, column: (record: Kind) => string): Member[] {
  return records.map(({ record, time }) => ({ time, form: column(record) }));
}

/** The form of a caller that is shown: the one seen first. All forms of a group are equal unless callers are folded. */
function callerOf(records: Counted<ActivityRecord>): string {
  const forms = membersOf(records, ({ caller }) => caller);
  return forms.reduce((a, b) => (compareForms(b, a) < 0 ? b : a)).form;
}

/** How many records there are; copies count once where that is repaired, except those that nothing identifies. */
function countOf(records: Counted<AzureRecord>, { repairs, options }: Evaluation): number {
  if (!options.deduplicate || !repairs.has('duplicate-records')) return records.length;
  const identities = new Set<string>();
  let anonymous = 0;
  for (const { record } of records) {
    const identity = identityOf(record);
    if (identity === null) anonymous += 1;
    else identities.add(identity);
  }
  return identities.size + anonymous;
}
