import type { Alert, AlertIndicator } from '../alert.ts';
import { listOf, type Field } from './mapping.ts';
import { confidenceIdOf, confidenceIdRule } from './ocsf-confidence.ts';
import { timestampOf } from './ocsf-timestamp.ts';

interface Intelligence {
  readonly indicator: AlertIndicator;
  readonly ip: string;
  /** What the best indicator says of itself, "" for the others. */
  readonly description: string;
}

function intelligenceOf({ indicators, ip, row }: Alert): readonly Intelligence[] {
  return indicators.map((indicator, index) => ({
    indicator,
    ip,
    description: index === 0 ? row.TI_Description : '',
  }));
}

function from<Member extends keyof AlertIndicator>(
  target: string,
  member: Member,
  rule: string,
  value: (value: AlertIndicator[Member]) => unknown,
): Field<Intelligence> {
  return { target, source: [`indicators[].${member}`], rule, value: ({ indicator }) => value(indicator[member]) };
}

const same = <Value>(value: Value): Value => value;

const osint: readonly Field<Intelligence>[] = [
  { target: 'type_id', source: [], rule: 'always `1`', value: () => 1 },
  { target: 'type', source: [], rule: 'always `"IP Address"`', value: () => 'IP Address' },
  {
    target: 'value',
    source: ['indicators[].value', 'ip'],
    rule: 'the value as it is; the address where the value is ""',
    value: ({ indicator, ip }) => (indicator.value === '' ? ip : indicator.value),
  },
  from('subnet', 'value', 'as it is, when it is a range', (value) => (value.includes('/') ? value : undefined)),
  {
    target: 'name',
    source: [],
    rule: 'always `"evidences.src_endpoint.ip"`',
    value: () => 'evidences.src_endpoint.ip',
  },
  from('uid', 'id', 'as it is', same),
  from('vendor_name', 'source', 'as it is', same),
  {
    target: 'desc',
    source: ['row.TI_Description'],
    rule: 'as it is, for the first indicator',
    value: ({ description }) => description,
  },
  from('category', 'types', 'joined by a comma', (types) => types.join(', ')),
  from('labels', 'labels', 'as they are', same),
  from('tlp', 'tlp', 'as it is, AMBER+STRICT as `AMBER STRICT`', (tlp) => tlp.replace('+', ' ')),
  from('threat_actor.name', 'actors', 'the first', (actors) => actors[0]),
  from('confidence_id', 'confidence', confidenceIdRule, confidenceIdOf),
  from('detection_pattern', 'pattern', 'as it is', same),
  from('detection_pattern_type_id', 'pattern', '1 beside a pattern', (pattern) => (pattern === '' ? undefined : 1)),
  from('detection_pattern_type', 'pattern', '`STIX` beside a pattern', (pattern) => (pattern === '' ? '' : 'STIX')),
  from('modified_time', 'modified', 'milliseconds since 1970; left out when it is no time', timestampOf),
  from('expiration_time', 'validUntil', 'milliseconds since 1970', timestampOf),
];

/** osint of a Detection Finding: the indicators, best first. */
export const ocsfIntelligence: readonly Field[] = [
  listOf('osint', 'one an indicator, in their order', intelligenceOf, osint),
];
