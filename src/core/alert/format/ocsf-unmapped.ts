import type { AlertIndicator } from '../alert.ts';
import type { Row } from '../row.ts';
import { copied, listOf, type Field } from './mapping.ts';

/** Columns that OCSF has no attribute for, or only one that holds less. */
const columns = [
  'ThreatType',
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
] as const satisfies readonly (keyof Row)[];

const indicatorMembers = [
  'id',
  'source',
  'sourceName',
  'confidence',
  'modified',
  'validFrom',
  'validUntil',
  'types',
  'actors',
] as const satisfies readonly (keyof AlertIndicator)[];

/** unmapped of a Detection Finding: what would otherwise be lost, in the words of the native document. */
export const ocsfUnmapped: readonly Field[] = [
  copied('unmapped.schemaVersion', 'schemaVersion'),
  copied('unmapped.windowStart', 'windowStart'),
  copied('unmapped.windowEnd', 'windowEnd'),
  {
    target: 'unmapped.grade',
    source: ['corroboration.grade'],
    rule: 'as it is',
    value: ({ corroboration }) => corroboration.grade,
  },
  copied('unmapped.allowLists', 'allowLists'),
  copied('unmapped.truncated', 'truncated'),
  copied('unmapped.late', 'late'),
  copied('unmapped.backfill', 'backfill'),
  copied('unmapped.partial', 'partial'),
  copied('unmapped.incomplete', 'incomplete'),
  copied('unmapped.silenced', 'silenced'),
  copied('unmapped.indexVersion', 'indexVersion'),
  {
    target: 'unmapped.links.resources',
    source: ['links.resources'],
    rule: 'as it is',
    value: ({ links }) => links.resources,
  },
  ...columns.map((column): Field => ({
    target: `unmapped.row.${column}`,
    source: [`row.${column}`],
    rule: 'as it is',
    value: ({ row }) => row[column],
  })),
  listOf<AlertIndicator>(
    'unmapped.indicators',
    'one an indicator, in their order',
    ({ indicators }) => indicators,
    indicatorMembers.map((member) => ({
      target: member,
      source: [`indicators[].${member}`],
      rule: 'as it is',
      value: (indicator) => indicator[member],
    })),
  ),
];
