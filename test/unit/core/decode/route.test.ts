import { describe, expect, test } from 'vitest';
import { activity, nonInteractive, servicePrincipal, signIn, without } from '../../../support/azure-bodies.ts';
import { compact, envelope } from '../../../support/azure-envelopes.ts';
import { auditLog, keyVaultAudit, managedIdentity, metric, storageRead } from '../../../support/azure-noise.ts';
import { decode, decodeRecord, streamsOf } from '../../../support/decoding.ts';

describe('route() sends', () => {
  test.each([
    ['AuditEvent of Key Vault', keyVaultAudit()],
    ['StorageRead', storageRead()],
    ['AuditLogs', auditLog()],
    [
      'AuditLogs of the data export, whose category is Policy',
      { Type: 'AuditLogs', Category: 'Policy', TimeGenerated: '' },
    ],
    ['MicrosoftServicePrincipalSignInLogs', signIn({ category: 'MicrosoftServicePrincipalSignInLogs' })],
    ['an Entra record with a category of the Activity log', auditLog({ category: 'Policy' })],
  ])('%s as unwanted', (_, record) => {
    expect(decode(compact(record))).toMatchObject({ records: [], unwanted: 1, unknown: [], total: 1 });
  });

  test.each([
    ['metrics', metric(), ''],
    ['an empty object', {}, ''],
    ['an unheard-of category', activity({ category: 'Brand new' }), 'Brand new'],
    [
      'an event of Event Grid by its type',
      { id: '1', source: '/x', type: 'Microsoft.Storage.BlobCreated' },
      'Microsoft.Storage.BlobCreated',
    ],
    ['a category that is no text', activity({ category: ['Administrative'], properties: null }), ''],
    ['a very long category', { category: 'x'.repeat(5000) }, 'x'.repeat(128)],
  ])('%s as unknown', (_, record, category) => {
    expect(decode(compact(record))).toMatchObject({ records: [], unwanted: 0, unknown: [category], total: 1 });
  });

  test.each([
    'Administrative',
    'security',
    'ServiceHealth',
    'Alert',
    'Recommendation',
    'POLICY',
    'Autoscale',
    'ResourceHealth',
    'Write',
    'Delete',
    'Action',
  ])('%s as activity', (category) => {
    expect(decodeRecord(activity({ category }))).toMatchObject({ stream: 'activity', category });
  });

  test('sign-in categories to their streams', () => {
    const body = envelope(...[signIn(), nonInteractive(), servicePrincipal(), managedIdentity()].map(compact));
    expect(streamsOf(body)).toEqual(['sign_in', 'non_interactive', 'service_principal', 'managed_identity']);
    expect(decodeRecord(signIn({ category: 'signinlogs' })).stream).toBe('sign_in');
  });

  test('by eventCategory where the category is missing', () => {
    expect(decodeRecord(without(activity(), 'category'))).toMatchObject({
      stream: 'activity',
      category: 'Administrative',
    });
  });

  test('tenant-level records of the Activity log as activity', () => {
    const record = activity({
      resourceId: '/TENANTS/9B1F5C2E/PROVIDERS/MICROSOFT.MANAGEMENT',
      operationVersion: '1.0',
    });
    expect(decodeRecord(record).stream).toBe('activity');
  });
});
