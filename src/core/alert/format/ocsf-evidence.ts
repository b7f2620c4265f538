import type { Alert, SignInEvidence } from '../alert.ts';
import type { SignInKind } from '../../observation.ts';
import { listOf, type Field } from './mapping.ts';

/** user.type_id and its caption. */
const userTypes: Readonly<Record<SignInKind, { readonly id: number; readonly name: string }>> = {
  user: { id: 1, name: 'User' },
  'non-interactive': { id: 1, name: 'User' },
  'service-principal': { id: 4, name: 'Service' },
  'managed-identity': { id: 4, name: 'Service' },
};

interface OperationEvidence {
  readonly alert: Alert;
  readonly operation: string;
}

/** One an operation; one without an operation when the row has none, so that who and where from always stand there. */
function operationsOf(alert: Alert): readonly OperationEvidence[] {
  const { Operations } = alert.row;
  return (Operations.length === 0 ? [''] : Operations).map((operation) => ({ alert, operation }));
}

const operation: readonly Field<OperationEvidence>[] = [
  { target: 'name', source: [], rule: 'always `"operation"`', value: () => 'operation' },
  { target: 'actor.user.name', source: ['caller'], rule: 'as it is', value: ({ alert }) => alert.caller },
  {
    target: 'actor.user.domain',
    source: ['row.AccountUPNSuffix'],
    rule: 'as it is, beside a name',
    value: ({ alert }) => (alert.caller === '' ? undefined : alert.row.AccountUPNSuffix),
  },
  { target: 'src_endpoint.ip', source: ['ip'], rule: 'as it is', value: ({ alert }) => alert.ip },
  {
    target: 'api.operation',
    source: ['row.Operations'],
    rule: 'as it is',
    value: (evidence) => evidence.operation,
  },
];

interface SignIn {
  readonly ip: string;
  readonly evidence: SignInEvidence;
}

function signInsOf({ ip, corroboration }: Alert): readonly SignIn[] {
  return corroboration.evidence.map((evidence) => ({ ip, evidence }));
}

/** OCSF wants a name or an id of a user. */
function isNamed({ principal, objectId }: SignInEvidence): boolean {
  return principal !== '' || objectId !== '';
}

const at = 'corroboration.evidence[]';
const userTypeSources = [`${at}.kind`, `${at}.principal`, `${at}.objectId`];

const signIn: readonly Field<SignIn>[] = [
  {
    target: 'name',
    source: [`${at}.kind`],
    rule: '`sign-in:` and the kind',
    value: ({ evidence }) => `sign-in:${evidence.kind}`,
  },
  {
    target: 'actor.user.name',
    source: [`${at}.principal`],
    rule: 'as it is',
    value: ({ evidence }) => evidence.principal,
  },
  {
    target: 'actor.user.uid',
    source: [`${at}.objectId`],
    rule: 'as it is',
    value: ({ evidence }) => evidence.objectId,
  },
  {
    target: 'actor.user.type_id',
    source: userTypeSources,
    rule: 'beside a name or an id: 1 for user and non-interactive, else 4',
    value: ({ evidence }) => (isNamed(evidence) ? userTypes[evidence.kind].id : undefined),
  },
  {
    target: 'actor.user.type',
    source: userTypeSources,
    rule: 'the caption of type_id: User, Service',
    value: ({ evidence }) => (isNamed(evidence) ? userTypes[evidence.kind].name : undefined),
  },
  { target: 'actor.app_name', source: [`${at}.app`], rule: 'as it is', value: ({ evidence }) => evidence.app },
  { target: 'src_endpoint.ip', source: ['ip'], rule: 'as it is', value: ({ ip }) => ip },
  {
    target: 'data',
    source: [`${at}.count`, `${at}.first`, `${at}.last`],
    rule: 'an object of the three',
    value: ({ evidence: { count, first, last } }) => ({ count, first, last }),
  },
];

interface Resource {
  readonly uid?: string;
  readonly name?: string;
  readonly type?: string;
}

/** What OCSF lists as affected: resources by their ids, subscriptions and resource groups by the types ARM gives them. */
function resourceList(source: string, rule: string, items: (alert: Alert) => readonly Resource[]): Field {
  const names = ['uid', 'name', 'type'] as const;
  return listOf(
    'resources',
    rule,
    items,
    names.map((name) => ({
      target: name,
      source: [source],
      rule: name === 'type' ? 'the type, where the rule of the list names one' : 'as it is, where the list has it',
      value: (item) => item[name],
    })),
  );
}

interface Observed {
  readonly typeId: number;
  readonly type: string;
  readonly name: string;
  readonly value: string;
}

/** observable.type_id: what a search for an address, a name or a resource looks for. */
function observedBy(alert: Alert): readonly Observed[] {
  const user = (name: string): Observed => ({
    typeId: 4,
    type: 'User Name',
    name: 'evidences.actor.user.name',
    value: name,
  });
  const names = new Set([alert.caller, ...alert.corroboration.evidence.map(({ principal }) => principal)]);
  return [
    { typeId: 2, type: 'IP Address', name: 'evidences.src_endpoint.ip', value: alert.ip },
    ...[...names].filter((name) => name !== '').map(user),
    ...alert.row.AffectedResources.map((value) => ({ typeId: 10, type: 'Resource UID', name: 'resources.uid', value })),
  ];
}

const observedSources = ['ip', 'caller', `${at}.principal`, 'row.AffectedResources'];

const observable: readonly Field<Observed>[] = (['type_id', 'type', 'name', 'value'] as const).map((target) => ({
  target,
  source: observedSources,
  rule: 'by the rule of the list',
  value: (item) => item[target === 'type_id' ? 'typeId' : target],
}));

/** evidences, resources and observables of a Detection Finding. */
export const ocsfEvidence: readonly Field[] = [
  listOf('evidences', 'one an operation of the row', operationsOf, operation),
  listOf('evidences', 'then one a principal that signed in', signInsOf, signIn),
  resourceList('row.AffectedResources', 'one a resource, by its id', ({ row }) =>
    row.AffectedResources.map((uid) => ({ uid })),
  ),
  resourceList('row.SubscriptionIds', 'then one a subscription: `Microsoft.Resources/subscriptions`', ({ row }) =>
    row.SubscriptionIds.map((uid) => ({ uid, type: 'Microsoft.Resources/subscriptions' })),
  ),
  resourceList('row.ResourceGroups', 'then one a resource group: `Microsoft.Resources/resourceGroups`', ({ row }) =>
    row.ResourceGroups.map((name) => ({ name, type: 'Microsoft.Resources/resourceGroups' })),
  ),
  listOf(
    'observables',
    'the address (2, IP Address), each name of a caller or principal (4, User Name), each resource (10, Resource UID)',
    observedBy,
    observable,
  ),
];
