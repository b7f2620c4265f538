import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { identityOf } from '../../../src/core/identity.ts';
import type { ActivityRecord, SignInRecord } from '../../../src/core/record.ts';
import { eventTime } from '../../../src/core/time.ts';

const activity: ActivityRecord = {
  stream: 'activity',
  index: 0,
  category: 'Administrative',
  time: eventTime(1_786_547_507_532, 9521),
  address: '198.51.100.23',
  resultType: 'Success',
  caller: 'marit.olsen@contoso.example',
  objectId: '1d7c2b90-4e3f-4a55-b6c8-90e1f2a3b4c5',
  operation: 'MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION',
  resourceId: '/SUBSCRIPTIONS/F3A0C9D1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.STORAGE/STORAGEACCOUNTS/ST',
  subscriptionId: 'F3A0C9D1',
  resourceGroup: 'RG',
  correlationId: '3f6b1c7e-94a2-4d05-8b3e-5c7d9e0f1a2b',
};

const signIn: SignInRecord = {
  stream: 'sign_in',
  index: 0,
  category: 'SignInLogs',
  time: eventTime(1_786_547_402_703, 1188),
  address: '198.51.100.23',
  resultType: '0',
  id: 'a6d5c4b3-0f1e-4d2c-8b7a-96857463f200',
  principal: 'marit.olsen@contoso.example',
  objectId: '1d7c2b90-4e3f-4a55-b6c8-90e1f2a3b4c5',
  app: 'Azure Portal',
  risk: 'none',
};

describe('identityOf()', () => {
  test('is eight UTF-16 units', () => {
    expect(identityOf(activity)).toHaveLength(8);
    expect(identityOf(signIn)).toHaveLength(8);
  });

  test('names a sign-in by category and id alone', () => {
    const again: SignInRecord = { ...signIn, index: 7, time: eventTime(5), risk: 'high', app: '', principal: 'x' };
    expect(identityOf(again)).toBe(identityOf(signIn));
    expect(identityOf({ ...signIn, category: 'SIGNINLOGS', id: signIn.id.toUpperCase() })).toBe(identityOf(signIn));
    expect(identityOf({ ...signIn, id: `${signIn.id}0` })).not.toBe(identityOf(signIn));
    expect(identityOf({ ...signIn, category: 'NonInteractiveUserSignInLogs' })).not.toBe(identityOf(signIn));
  });

  test.each([
    ['caller', { caller: 'other@contoso.example' }],
    ['correlation', { correlationId: '4f6b1c7e-94a2-4d05-8b3e-5c7d9e0f1a2b' }],
    ['operation', { operation: 'MICROSOFT.STORAGE/STORAGEACCOUNTS/WRITE' }],
    ['resource', { resourceId: '/SUBSCRIPTIONS/F3A0C9D1' }],
    ['result', { resultType: 'Accept' }],
    ['instant', { time: eventTime(1_786_547_507_532, 9522) }],
    ['lack of a time', { time: null }],
  ])('tells activity records apart by %s', (_, change) => {
    expect(identityOf({ ...activity, ...change })).not.toBe(identityOf(activity));
  });

  test('names activity records without regard to letter case and to what is not part of it', () => {
    const again: ActivityRecord = {
      ...activity,
      index: 3,
      category: 'Policy',
      caller: activity.caller.toUpperCase(),
      correlationId: activity.correlationId.toUpperCase(),
      operation: activity.operation.toLowerCase(),
      resourceId: activity.resourceId.toLowerCase(),
      resultType: 'SUCCESS',
      address: '::ffff:198.51.100.23',
      objectId: '',
    };
    expect(identityOf(again)).toBe(identityOf(activity));
  });

  test('is null without a sign-in id or a correlation id', () => {
    expect(identityOf({ ...signIn, id: '' })).toBeNull();
    expect(identityOf({ ...signIn, id: ' ' })).toBeNull();
    expect(identityOf({ ...activity, correlationId: '' })).toBeNull();
  });

  test('keeps neighbouring parts apart', () => {
    expect(identityOf({ ...activity, operation: 'a', resourceId: 'bc' })).not.toBe(
      identityOf({ ...activity, operation: 'ab', resourceId: 'c' }),
    );
  });

  test('tells ids of any length and script apart', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 3000, size: 'max' }), (id) => {
        fc.pre(id.trim() !== '');
        expect(identityOf({ ...signIn, id })).toBe(identityOf({ ...signIn, id }));
        expect(identityOf({ ...signIn, id: `${id}x` })).not.toBe(identityOf({ ...signIn, id }));
      }),
    );
  });
});
