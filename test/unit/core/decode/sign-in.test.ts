import { describe, expect, test } from 'vitest';
import type { SignInRecord } from '../../../../src/core/record.ts';
import { formatTime } from '../../../../src/core/time.ts';
import {
  conditionalAccess,
  servicePrincipal,
  signIn,
  signInProperties,
  without,
} from '../../../support/azure-bodies.ts';
import { compact } from '../../../support/azure-envelopes.ts';
import { managedIdentity, signInRow } from '../../../support/azure-noise.ts';
import { decodeRecord } from '../../../support/decoding.ts';

describe('readSignIn() reads a record', () => {
  test('with every column of the rule', () => {
    expect(decodeRecord(signIn())).toEqual({
      stream: 'sign_in',
      index: 0,
      category: 'SignInLogs',
      time: { ms: Date.UTC(2026, 7, 12, 15, 10, 2, 703), ticks: 1188 },
      address: '198.51.100.23',
      resultType: '0',
      id: 'a6d5c4b3-0f1e-4d2c-8b7a-96857463f200',
      principal: 'marit.olsen@contoso.example',
      objectId: '1d7c2b90-4e3f-4a55-b6c8-90e1f2a3b4c5',
      app: 'Azure Portal',
      risk: 'none',
    });
    expect(decodeRecord(servicePrincipal())).toMatchObject({
      stream: 'service_principal',
      address: '203.0.113.77',
      principal: 'sp-deploy-payments',
      objectId: '7e2d9f04-1b6a-4c3d-8e5f-a0b1c2d3e4f5',
      app: '84790797-af35-4c37-9077-09166da89208',
      risk: 'low',
    });
    expect(decodeRecord(managedIdentity())).toMatchObject({
      stream: 'managed_identity',
      address: '',
      principal: 'id-payments-worker',
    });
  });

  test('at the time they were published, not at createdDateTime', () => {
    const { time } = decodeRecord(signIn());
    expect(time && formatTime(time)).toBe('2026-08-12T15:10:02.7031188Z');
  });

  test.each([
    ['0', '0'],
    [0, '0'],
    ['50140', '50140'],
    [50140, '50140'],
    [null, '0'],
    ['', '0'],
  ])('with result %j as %s', (resultType, text) => {
    expect(decodeRecord(signIn({ resultType }))).toMatchObject({ resultType: text });
  });

  test('with properties as JSON text, single-quoted text and with keys of any letter case', () => {
    const whole = decodeRecord(signIn());
    const properties = signInProperties();
    const folded = Object.fromEntries(Object.entries(properties).map(([key, value]) => [key.toLowerCase(), value]));
    expect(decodeRecord(signIn({ properties: JSON.stringify(properties) }))).toEqual(whole);
    expect(decodeRecord(signIn({ properties: folded }))).toEqual(whole);
    const single = `{'id':'${whole.index}','ipAddress':'198.51.100.7','userPrincipalName':'o\\'hara@contoso.example'}`;
    expect(decodeRecord(signIn({ properties: single }))).toMatchObject({
      address: '198.51.100.7',
      principal: "o'hara@contoso.example",
    });
    const lower = Object.fromEntries(Object.entries(signIn()).map(([key, value]) => [key.toLowerCase(), value]));
    expect(decodeRecord(lower)).toEqual(whole);
  });

  test.each([
    [
      'properties before callerIpAddress',
      signIn({ callerIpAddress: '198.51.100.1', properties: signInProperties({ ipAddress: '198.51.100.2' }) }),
      '198.51.100.2',
    ],
    [
      'callerIpAddress where properties have ""',
      signIn({ properties: signInProperties({ ipAddress: '' }) }),
      '198.51.100.23',
    ],
    [
      'callerIpAddress where properties have null',
      signIn({ properties: signInProperties({ ipAddress: null }) }),
      '198.51.100.23',
    ],
    ['callerIpAddress without properties', signIn({ properties: undefined }), '198.51.100.23'],
  ])('with the address of %s', (_, record, address) => {
    expect(decodeRecord(record)).toMatchObject({ address });
  });

  test('of the data export as those of the diagnostic setting', () => {
    expect(decodeRecord(signInRow())).toEqual({ ...decodeRecord(signIn()), risk: 'medium' });
    const row = decodeRecord(signInRow({ ResultType: undefined, Status: '{"errorCode":50126}' }));
    expect(row).toMatchObject({ resultType: '50126' });
    const withoutCategory = without(signInRow({ Type: 'AADServicePrincipalSignInLogs' }), 'Category');
    expect(decodeRecord(withoutCategory)).toMatchObject({
      stream: 'service_principal',
      category: 'ServicePrincipalSignInLogs',
    });
  });

  test('with dozens of conditional access policies', () => {
    const record = signIn({
      properties: signInProperties({ appliedConditionalAccessPolicies: conditionalAccess(60) }),
    });
    expect(compact(record).length).toBeGreaterThan(18_000);
    expect((decodeRecord(record) as SignInRecord).id).toBe('a6d5c4b3-0f1e-4d2c-8b7a-96857463f200');
  });
});
