import type { Fields } from './fields.ts';
import { field, objectField, textOf } from './fields.ts';

/** Who an activity record says acted. "" where it does not say. */
export interface Caller {
  readonly name: string;
  /** The objectidentifier claim. */
  readonly objectId: string;
}

const soap = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/';
const microsoft = 'http://schemas.microsoft.com/identity/claims/';
const objectIdClaims = [`${microsoft}objectidentifier`, 'oid'];

const nobody: Caller = { name: '', objectId: '' };

/**
 * Derives the Caller column of AzureActivity, which no diagnostic record carries. Microsoft computes it from the claims
 * of the token: e-mail address, UPN or SPN (Azure/azure-powershell#4810); for a service principal it is its object id
 * (MicrosoftDocs/azure-docs#56412). The first that is not blank, blanks around it cut off:
 *
 * 1. `caller` of the record itself (REST shape and Log Analytics rows)
 * 2. claim upn: the UPN of a member; a guest has none
 * 3. claim emailaddress: a guest or Microsoft account
 * 4. claim spn: an Azure service, `Microsoft.Insights/autoscaleSettings`
 * 5. claim name under its URI where it is a sign-in name; the short `name` is a display name
 * 6. claim objectidentifier, or oid: a service principal
 * 7. claim appid
 * 8. UPN, then ObjectID, of `properties.CallerInfo` (PIM, which has no identity)
 * 9. holder of the role assignment that allowed it, unless that is a group
 */
export function deriveCaller(record: Fields): Caller {
  const identity = objectField(record, 'identity');
  const claims = (identity && objectField(identity, 'claims')) ?? objectField(record, 'claims') ?? {};
  const objectId = firstText(claims, objectIdClaims);
  const signInName = firstText(claims, [`${soap}name`]);
  const name =
    textOf(field(record, 'caller')).trim() ||
    firstText(claims, [`${soap}upn`, 'upn', `${soap}emailaddress`, `${soap}spn`, `${microsoft}spn`]) ||
    (signInName.includes('@') ? signInName : '') ||
    objectId ||
    firstText(claims, ['appid']) ||
    privilegedCaller(record) ||
    roleHolder(identity ?? record);
  return name === '' && objectId === '' ? nobody : { name, objectId };
}

function firstText(fields: Fields, keys: readonly string[]): string {
  for (const key of keys) {
    const text = textOf(field(fields, key)).trim();
    if (text !== '') return text;
  }
  return '';
}

/** The actor of a Privileged Identity Management record, which Azure writes as JSON text inside the properties. */
function privilegedCaller(record: Fields): string {
  const info = objectField(objectField(record, 'properties') ?? {}, 'CallerInfo');
  return info === null ? '' : firstText(info, ['UPN', 'ObjectID']);
}

/** The principal of the role assignment, written as 32 hexadecimal digits, as a GUID. */
function roleHolder(identity: Fields): string {
  const evidence = objectField(objectField(identity, 'authorization') ?? {}, 'evidence');
  if (evidence === null) return '';
  const type = firstText(evidence, ['principalType']).toLowerCase();
  if (type !== 'user' && type !== 'serviceprincipal') return '';
  return firstText(evidence, ['principalId']).replace(
    /^([\da-f]{8})([\da-f]{4})([\da-f]{4})([\da-f]{4})([\da-f]{12})$/i,
    '$1-$2-$3-$4-$5',
  );
}
