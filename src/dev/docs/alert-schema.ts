import { type Row, rowColumns, setLimits } from '../../core/alert/row.ts';
import {
  type Alert,
  type AlertIndicator,
  corroborationGrades,
  rule,
  severities,
  type SignInEvidence,
} from '../../core/alert/alert.ts';
import { alertSchemaUri } from '../../core/alert/format/cloudevents.ts';
import { resourceLinksMax } from '../../core/alert/links.ts';
import { tlpLevels } from '../../core/intel/indicator.ts';

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const count: Schema = { type: 'integer', minimum: 0 };
const texts: Schema = { type: 'array', items: text };
const time: Schema = { $ref: '#/$defs/time' };
const digest: Schema = { type: 'string', pattern: '^[0-9a-f]{32}$' };

/** Nothing in it ends a URL or is markup. */
const link: Schema = { type: 'string', pattern: String.raw`^https?://[\w\-.~%/:#\[\]]+$` };

function nullable(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] };
}

/** A closed object: exactly these members, all of them required but the optional ones. */
function object(properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, required, additionalProperties: false };
}

function set(column: keyof typeof setLimits): Schema {
  return { type: 'array', items: { type: 'string', minLength: 1 }, maxItems: setLimits[column], uniqueItems: true };
}

const columns: Readonly<Record<keyof Row, Schema>> = {
  Caller: { ...text, description: 'The caller in the form first seen; "" when the records name none.' },
  TI_IP: { ...text, description: 'Canonical caller address.' },
  OperationCount: count,
  Operations: set('Operations'),
  SubscriptionIds: set('SubscriptionIds'),
  ResourceGroups: set('ResourceGroups'),
  AffectedResources: set('AffectedResources'),
  CallerIP: text,
  ThreatType: { ...text, description: 'JSON text of the best indicator\'s indicator_types, or "".' },
  TI_Description: { ...text, description: 'Of the best indicator; "Withheld (TLP:RED)" when TLP:RED withholds it.' },
  ConfidenceScore: { type: 'number', minimum: 0, maximum: 100 },
  ActivityGroupNames: { ...text, description: 'JSON text of the labels of the best indicator, or "".' },
  TLPLevel: { enum: [...tlpLevels, ''] },
  FirstSeen: time,
  LastSeen: time,
  UserSigninCount: nullable({ type: 'integer', minimum: 1 }),
  SigninUsers: nullable(set('SigninUsers')),
  MaxUserRisk: { enum: ['high', 'medium', 'low', 'none', 'hidden', 'unknown', ''] },
  SPSigninCount: nullable({ type: 'integer', minimum: 1 }),
  SigninSPs: nullable(set('SigninSPs')),
  CorroboratedBySignin: { type: 'boolean' },
  TotalSigninCount: count,
  AccountName: text,
  AccountUPNSuffix: text,
};

const indicatorProperties: Readonly<Record<keyof AlertIndicator, Schema>> = {
  id: { type: 'string', description: 'STIX id.' },
  source: { type: 'string', description: 'Name of the feed.' },
  sourceName: { type: 'string', description: 'Name of the identity that made the indicator; "" when unknown.' },
  confidence: {
    type: 'number',
    minimum: 0,
    maximum: 100,
    description: 'What the feed says, times its weight, and as far as it had decayed when it was judged.',
  },
  modified: text,
  validFrom: nullable(time),
  validUntil: {
    ...nullable(time),
    description: 'Where valid_until, STOP of the pattern or decay ends it, whichever is first; null without any.',
  },
  pattern: { ...text, description: '"" when TLP:RED withholds it.' },
  value: {
    type: 'string',
    description: 'The constant of the pattern that matched, as written; "" when TLP:RED withholds it.',
  },
  types: texts,
  labels: texts,
  tlp: { enum: [...tlpLevels, ''] },
  actors: texts,
};

const signInProperties: Readonly<Record<keyof SignInEvidence, Schema>> = {
  kind: { enum: ['user', 'service-principal', 'non-interactive', 'managed-identity'] },
  principal: text,
  objectId: text,
  app: text,
  count: { type: 'integer', minimum: 1 },
  first: time,
  last: time,
};

/** Counts that may hold copies, since their pane met its bound of identities. */
const inexactCounts: readonly string[] = ['OperationCount', 'UserSigninCount', 'SPSigninCount'] satisfies (keyof Row)[];

const properties: Readonly<Record<keyof Alert, Schema>> = {
  schemaVersion: { const: 1 },
  id: { ...digest, description: 'One emission. A delivery that is repeated carries the same id.' },
  findingKey: { ...digest, description: 'The pair of caller and address under the rule, across window ends.' },
  emittedAt: time,
  rule: object({
    name: { const: rule.name },
    severity: { const: rule.severity },
    tactics: { const: rule.tactics },
    techniques: { const: rule.techniques },
  }),
  severity: { enum: severities, description: 'The severity of the rule after SEVERITY_POLICY.' },
  activity: { enum: ['create', 'update', 'close'] },
  closeReason: {
    enum: [
      'window-empty',
      'indicator-revoked',
      'indicator-expired',
      'indicator-lowered',
      'indicator-deleted',
      'allow-listed',
    ],
  },
  caller: text,
  ip: { type: 'string', minLength: 2 },
  windowStart: { ...time, description: 'The window is open here: a record at this very instant is not in it.' },
  windowEnd: { ...time, description: 'The window is closed here: a record at this very instant is in it.' },
  row: { $ref: '#/$defs/row' },
  indicators: { type: 'array', items: { $ref: '#/$defs/indicator' } },
  corroboration: object({
    grade: { enum: corroborationGrades },
    evidence: { type: 'array', items: { $ref: '#/$defs/signIn' } },
  }),
  allowLists: { ...texts, uniqueItems: true, description: 'Names of the allow lists that cover the address.' },
  truncated: {
    type: 'array',
    items: { enum: rowColumns.filter((column) => column in setLimits || inexactCounts.includes(column)) },
    uniqueItems: true,
    description: 'Columns whose sets were cut, and counts in which copies of records may be counted.',
  },
  late: { type: 'boolean', description: 'Whether a record arrived after the flush of its own window end.' },
  backfill: { type: 'boolean', description: 'Whether it was found while reading the past.' },
  partial: nullable(object({ before: time })),
  incomplete: nullable(object({ partitions: { type: 'array', items: text, minItems: 1 } })),
  silenced: {
    ...nullable(object({ id: text, author: text, reason: text, until: time })),
    description:
      'The silence that keeps it from sinks that skip what is silenced. A close is silenced when all that was told of the finding since it opened was.',
  },
  indexVersion: text,
  links: {
    ...object({
      windows: {
        ...nullable(link),
        description: 'GET /windows/{ip} of the service; null while PUBLIC_URL is not set.',
      },
      resources: {
        type: 'array',
        items: link,
        maxItems: resourceLinksMax,
        description: 'Pages of the Azure portal, of the first AffectedResources that have one.',
      },
    }),
    description: 'As they were when the alert was emitted.',
  },
};

/** deploy/reference/alert.schema.json: the alert document as JSON Schema 2020-12. */
export function alertSchema(): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: alertSchemaUri,
    title: 'Tidewatch alert, schemaVersion 1',
    ...object(properties, ['closeReason']),
    // A reason belongs to a close and to nothing else.
    if: { properties: { activity: { const: 'close' } } },
    then: { required: ['closeReason'] },
    else: { not: { required: ['closeReason'] } },
    $defs: {
      time: {
        type: 'string',
        description: 'ISO 8601 in UTC with no, three or seven fraction digits.',
        pattern: String.raw`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3}(\d{4})?)?Z$`,
      },
      row: object(Object.fromEntries(rowColumns.map((column) => [column, columns[column]]))),
      indicator: object(indicatorProperties),
      signIn: object(signInProperties),
    },
  };
}
