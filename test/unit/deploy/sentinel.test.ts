import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rule } from '../../../src/core/alert/alert.ts';
import { formatSentinel, sentinelColumns } from '../../../src/core/alert/format/sentinel.ts';
import { anAlert } from '../../support/sample-alert.ts';

interface Column {
  readonly name: string;
  readonly type: string;
}

/** What the one resource of a template sets. */
function propertiesOf(file: string): unknown {
  const path = new URL(`../../../deploy/sentinel/${file}`, import.meta.url);
  const template = JSON.parse(readFileSync(path, 'utf8')) as { resources: readonly [{ properties: unknown }] };
  return template.resources[0].properties;
}

const columns = sentinelColumns.map(({ name, type }) => ({ name, type }));
const stream = 'Custom-TidewatchAlerts_CL';

test('the table has the columns of the sink', () => {
  const { schema } = propertiesOf('table.json') as { schema: { name: string; columns: Column[] } };
  expect(schema.name).toBe('TidewatchAlerts_CL');
  expect(schema.columns.map(({ name, type }) => ({ name, type: type.toLowerCase() }))).toEqual(columns);
});

test('the data collection rule declares the same columns, and passes them on as they are', () => {
  const { streamDeclarations, dataFlows } = propertiesOf('data-collection-rule.json') as {
    streamDeclarations: Record<string, { columns: Column[] }>;
    dataFlows: unknown[];
  };
  expect(streamDeclarations).toEqual({ [stream]: { columns } });
  expect(dataFlows).toEqual([
    { streams: [stream], destinations: ['workspace'], transformKql: 'source', outputStream: stream },
  ]);
});

/** AlertProperty of the API 2023-02-01 of Microsoft.SecurityInsights; the severity has a setting of its own. */
const alertProperties = [
  'AlertLink',
  'ConfidenceLevel',
  'ConfidenceScore',
  'ExtendedLinks',
  'ProductComponentName',
  'ProductName',
  'ProviderName',
  'RemediationSteps',
  'Techniques',
];

test('the analytics rule uses columns of the table alone, and has the tactics of the rule', () => {
  const analytics = propertiesOf('analytics-rule.json') as {
    query: string;
    tactics: string[];
    techniques: string[];
    severity: string;
    entityMappings: { entityType: string; fieldMappings: { columnName: string }[] }[];
    customDetails: Record<string, string>;
    alertDetailsOverride: {
      alertSeverityColumnName: string;
      alertDynamicProperties: { alertProperty: string; value: string }[];
    };
  };
  const { alertSeverityColumnName, alertDynamicProperties } = analytics.alertDetailsOverride;
  const projected = (/project (.*)$/.exec(analytics.query)?.[1] ?? '').split(', ');
  const used = [
    ...analytics.entityMappings.flatMap(({ fieldMappings }) => fieldMappings.map(({ columnName }) => columnName)),
    ...Object.values(analytics.customDetails),
    alertSeverityColumnName,
    ...alertDynamicProperties.map(({ value }) => value),
    ...[...JSON.stringify(analytics).matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name),
  ];
  expect(projected).toEqual(expect.arrayContaining(used));
  expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining(projected));
  expect(analytics.entityMappings.map(({ entityType }) => entityType)).toEqual(['Account', 'IP']);
  expect(alertProperties).toEqual(expect.arrayContaining(alertDynamicProperties.map((each) => each.alertProperty)));
  expect(analytics).toMatchObject({ tactics: rule.tactics, techniques: rule.techniques, severity: rule.severity });
});

test('names of columns are unique, at most 45 characters, and none that Log Analytics keeps for itself', () => {
  const names = columns.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^(?!(TenantId|SourceSystem|Type|UniqueId|Title)$)[A-Z]\w{0,44}$/);
});

test('a row has a value of its type in each column', () => {
  const row = JSON.parse(formatSentinel(anAlert())) as Record<string, unknown>;
  const isOf: Record<string, (value: unknown) => boolean> = {
    string: (value) => typeof value === 'string',
    datetime: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
    int: Number.isInteger,
    real: (value) => typeof value === 'number',
    boolean: (value) => typeof value === 'boolean',
    dynamic: (value) => typeof value === 'object' && value !== null,
  };
  expect(Object.keys(row)).toEqual(columns.map(({ name }) => name));
  expect(columns.filter(({ name, type }) => isOf[type]?.(row[name]) !== true)).toEqual([]);
});

test('a row tells the alert in the words of SecurityAlert', () => {
  expect(JSON.parse(formatSentinel(anAlert({ activity: 'close', closeReason: 'indicator-revoked' })))).toMatchObject({
    TimeGenerated: '2026-03-01T11:30:02.120Z',
    VendorOriginalId: '0123456789abcdef0123456789abcdef',
    AlertSeverity: 'High',
    Status: 'Resolved',
    CloseReason: 'indicator-revoked',
    StartTime: '2026-03-01T10:00:00.0000001Z',
    ConfidenceScore: 0.9,
    Tactics: 'InitialAccess, Persistence, Impact',
    Entities: [
      { $id: '1', Type: 'ip', Address: '192.0.2.66' },
      { $id: '2', Type: 'account', Name: 'mallory', UPNSuffix: 'contoso.com' },
    ],
  });
});
