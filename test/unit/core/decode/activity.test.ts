import { describe, expect, test } from 'vitest';
import { activity, resourceId, signIn, without } from '../../../support/azure-bodies.ts';
import { compact } from '../../../support/azure-envelopes.ts';
import { activityRow, resourceHealth, restEvent } from '../../../support/azure-noise.ts';
import { decode, decodeRecord } from '../../../support/decoding.ts';

describe('readActivity() reads a record', () => {
  test('with every column of the rule', () => {
    expect(decodeRecord(activity())).toEqual({
      stream: 'activity',
      index: 0,
      category: 'Administrative',
      time: { ms: Date.UTC(2026, 7, 12, 15, 11, 47, 532), ticks: 9521 },
      address: '198.51.100.23',
      resultType: 'Success',
      caller: 'marit.olsen@contoso.example',
      objectId: '1d7c2b90-4e3f-4a55-b6c8-90e1f2a3b4c5',
      operation: 'MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION',
      resourceId,
      subscriptionId: 'F3A0C9D1-52BE-4C68-9A1E-6B7D0E8F2C45',
      resourceGroup: 'RG-PAYMENTS',
      correlationId: '3f6b1c7e-94a2-4d05-8b3e-5c7d9e0f1a2b',
    });
  });

  test.each([
    ['/SUBSCRIPTIONS/AB-1/RESOURCEGROUPS/RG/PROVIDERS/X', 'AB-1', 'RG'],
    ['/subscriptions/ab-1/resourcegroups/My Group', 'ab-1', 'My Group'],
    ['/SuBsCrIpTiOnS/ab-1', 'ab-1', ''],
    ['/SUBSCRIPTIONS/AB-1/PROVIDERS/MICROSOFT.SUPPORT/TICKETS/T', 'AB-1', ''],
    ['/TENANTS/T-1/PROVIDERS/MICROSOFT.X', '', ''],
    ['/PROVIDERS/MICROSOFT.MANAGEMENT/MANAGEMENTGROUPS/MG', '', ''],
    ['', '', ''],
    ['/İİİİ/subscriptions/ab-1/resourceGroups/rg', 'ab-1', 'rg'],
  ])('of the resource %s', (id, subscriptionId, resourceGroup) => {
    expect(decodeRecord(activity({ resourceId: id }))).toMatchObject({ resourceId: id, subscriptionId, resourceGroup });
  });

  test.each(['Start', 'Accept', 'Success', 'Failure', 'Succeeded', 'Succeeded.', 'Active'])(
    'with result %s as delivered',
    (resultType) => {
      expect(decodeRecord(activity({ resultType }))).toMatchObject({ resultType });
    },
  );

  test('without identity and address', () => {
    expect(decodeRecord(resourceHealth())).toMatchObject({
      caller: '',
      objectId: '',
      address: '',
      resultType: 'Updated',
    });
  });

  test('without falling back to the address of the token', () => {
    expect(decodeRecord(without(activity(), 'callerIpAddress'))).toMatchObject({ address: '' });
  });

  test.each(['2001:db8::7334', '198.51.100.23:443', '<null>', '127.0.0.0/8'])(
    'with the address %s as delivered',
    (address) => {
      expect(decodeRecord(activity({ callerIpAddress: address }))).toMatchObject({ address });
    },
  );

  test('of the data export', () => {
    const delivered = decodeRecord(activity());
    expect(decodeRecord(activityRow())).toEqual({
      ...delivered,
      resourceId: resourceId.toLowerCase(),
      subscriptionId: 'f3a0c9d1-52be-4c68-9a1e-6b7d0e8f2c45',
      resourceGroup: 'rg-payments',
    });
    const withoutResource = without(activityRow(), '_ResourceId');
    expect(decodeRecord(withoutResource)).toMatchObject({ resourceId: '', resourceGroup: 'RG-PAYMENTS' });
  });

  test('of the REST shape', () => {
    expect(decodeRecord(restEvent())).toMatchObject({
      time: { ms: Date.UTC(2026, 7, 12, 15, 11, 47, 532), ticks: 9521 },
      address: '198.51.100.23',
      resultType: 'Succeeded',
      operation: 'Microsoft.Storage/storageAccounts/listKeys/action',
      caller: 'marit.olsen@contoso.example',
      resourceGroup: 'RG-PAYMENTS',
    });
  });

  test('with an exact key before one of another letter case', () => {
    expect(decodeRecord({ RESULTTYPE: 'Failure', ...activity() })).toMatchObject({ resultType: 'Success' });
  });

  test.each([
    'properties',
    'identity',
    'time',
    'callerIpAddress',
    'resourceId',
    'operationName',
    'correlationId',
    'resultType',
  ])('whatever JSON stands under %s', (key) => {
    for (const value of [
      null,
      0,
      -1.5,
      true,
      '',
      '{',
      "{'a",
      [],
      [[]],
      {},
      { value: null },
      { value: { value: 'x' } },
    ]) {
      expect(decode(compact(activity({ [key]: value }))).records).toHaveLength(1);
      expect(decode(compact(signIn({ [key]: value }))).records).toHaveLength(1);
    }
  });
});
