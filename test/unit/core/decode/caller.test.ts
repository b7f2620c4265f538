import { describe, expect, test } from 'vitest';
import { deriveCaller } from '../../../../src/core/decode/caller.ts';
import { activity, activityOf, authorization, claim, userClaims, userObjectId } from '../../../support/azure-bodies.ts';
import { activityRow, privilegedIdentity, resourceHealth, restEvent } from '../../../support/azure-noise.ts';

const spObjectId = '5418ef78-e938-44e9-8753-ae55b81a65a0';
const member = 'marit.olsen@contoso.example';

describe('deriveCaller()', () => {
  test.each([
    ['a member by the UPN', activity(), member],
    ['a member of newer tokens by the short upn', activityOf({ upn: member, name: 'Marit Olsen' }), member],
    ['the UPN under its URI before the short one', activityOf({ upn: 'short@x', [claim.upn]: 'uri@x' }), 'uri@x'],
    ['the UPN before the e-mail address', activityOf({ [claim.email]: 'mail@x', [claim.upn]: 'upn@x' }), 'upn@x'],
    [
      'a guest by the e-mail address',
      activityOf({ [claim.email]: 'guest@fabrikam.example', [claim.objectId]: userObjectId }),
      'guest@fabrikam.example',
    ],
    [
      'an old Microsoft account as it is',
      activityOf({ [claim.upn]: 'live.com#user@outlook.example' }),
      'live.com#user@outlook.example',
    ],
    ['blanks cut off', activityOf({ [claim.upn]: ' admin@contoso.example ' }), 'admin@contoso.example'],
    [
      'a service by its spn',
      activityOf({ [claim.spn]: 'Microsoft.Insights/autoscaleSettings' }),
      'Microsoft.Insights/autoscaleSettings',
    ],
    [
      'a sign-in name under the name URI',
      activityOf({ [claim.name]: 'jan@contoso.example', name: 'Jan' }),
      'jan@contoso.example',
    ],
    [
      'no display name, but the object id',
      activityOf({ [claim.name]: 'Jan Kowalski', [claim.objectId]: spObjectId }),
      spObjectId,
    ],
    [
      'a service principal by its object id',
      activityOf({ [claim.objectId]: spObjectId, appid: 'a', idtyp: 'app' }),
      spObjectId,
    ],
    ['the short oid', activityOf({ oid: spObjectId, appid: 'a' }), spObjectId],
    [
      'the application id for want of an object id',
      activityOf({ appid: '84790797-af35-4c37-9077-09166da89208' }),
      '84790797-af35-4c37-9077-09166da89208',
    ],
    [
      'blank claims skipped',
      activityOf({ [claim.upn]: ' ', upn: '', [claim.email]: null, [claim.objectId]: spObjectId }),
      spObjectId,
    ],
    ['top-level caller first', activity({ caller: 'top@contoso.example' }), 'top@contoso.example'],
    [
      'top-level claims',
      activity({ identity: undefined, claims: { [claim.upn]: 'rest@contoso.example' } }),
      'rest@contoso.example',
    ],
    [
      'PIM by its CallerInfo',
      privilegedIdentity({ ObjectID: userObjectId, UPN: 'pim@contoso.example' }),
      'pim@contoso.example',
    ],
    ['PIM without UPN by its object id', privilegedIdentity({ ObjectID: userObjectId, UPN: '' }), userObjectId],
    ['PIM with broken CallerInfo as nobody', privilegedIdentity({}, { properties: { CallerInfo: '{"UPN":' } }), ''],
    [
      'the role holder, written as a GUID',
      activity({ identity: { authorization: authorization(), claims: {} } }),
      userObjectId,
    ],
    [
      'no group that holds the role',
      activity({ identity: { authorization: authorization({ principalType: 'Group' }), claims: {} } }),
      '',
    ],
    ['identity without authorization', activity({ identity: { claims: { [claim.upn]: member } } }), member],
    ['identity as JSON text', activity({ identity: JSON.stringify({ claims: userClaims() }) }), member],
    ['identity as single-quoted text', activity({ identity: `{'claims':{'upn':'${member}'}}` }), member],
    ['keys of any letter case', { time: '', Identity: { CLAIMS: { UPN: member } } }, member],
    ['an empty identity as nobody', activity({ identity: {} }), ''],
    ['a display name for identity as nobody', activity({ identity: 'Marit Olsen' }), ''],
    ['a list for identity as nobody', activity({ identity: [] }), ''],
    ['no identity as nobody', resourceHealth(), ''],
    ['an exported row by its column', activityRow(), member],
    ['a REST event by its caller', restEvent(), member],
  ])('takes %s', (_, record, caller) => {
    expect(deriveCaller(record).name).toBe(caller);
  });

  test('gives the object id beside the name, from the claim alone', () => {
    expect(deriveCaller(activity())).toEqual({ name: member, objectId: userObjectId });
    expect(deriveCaller(activityRow()).objectId).toBe(userObjectId);
    expect(deriveCaller(activityOf({ [claim.upn]: 'a@x', oid: spObjectId })).objectId).toBe(spObjectId);
    expect(deriveCaller(activity({ identity: { authorization: authorization(), claims: {} } })).objectId).toBe('');
    expect(deriveCaller(activity({ caller: 'top@x' })).objectId).toBe(userObjectId);
  });
});
