/** A row of the rule: the 24 columns that the KQL prints, in its order. Times are ISO 8601 UTC. */
export interface Row {
  readonly Caller: string;
  readonly TI_IP: string;
  readonly OperationCount: number;
  readonly Operations: readonly string[];
  readonly SubscriptionIds: readonly string[];
  readonly ResourceGroups: readonly string[];
  readonly AffectedResources: readonly string[];
  readonly CallerIP: string;
  readonly ThreatType: string;
  readonly TI_Description: string;
  readonly ConfidenceScore: number;
  readonly ActivityGroupNames: string;
  readonly TLPLevel: string;
  readonly FirstSeen: string;
  readonly LastSeen: string;
  readonly UserSigninCount: number | null;
  readonly SigninUsers: readonly string[] | null;
  readonly MaxUserRisk: string;
  readonly SPSigninCount: number | null;
  readonly SigninSPs: readonly string[] | null;
  readonly CorroboratedBySignin: boolean;
  readonly TotalSigninCount: number;
  readonly AccountName: string;
  readonly AccountUPNSuffix: string;
}

/** The columns in the order of the KQL. */
export const rowColumns = [
  'Caller',
  'TI_IP',
  'OperationCount',
  'Operations',
  'SubscriptionIds',
  'ResourceGroups',
  'AffectedResources',
  'CallerIP',
  'ThreatType',
  'TI_Description',
  'ConfidenceScore',
  'ActivityGroupNames',
  'TLPLevel',
  'FirstSeen',
  'LastSeen',
  'UserSigninCount',
  'SigninUsers',
  'MaxUserRisk',
  'SPSigninCount',
  'SigninSPs',
  'CorroboratedBySignin',
  'TotalSigninCount',
  'AccountName',
  'AccountUPNSuffix',
] as const satisfies readonly (keyof Row)[];

/** How many members each set column shows. */
export const setLimits = {
  Operations: 10,
  SubscriptionIds: 5,
  ResourceGroups: 5,
  AffectedResources: 10,
  SigninUsers: 5,
  SigninSPs: 5,
} as const;
