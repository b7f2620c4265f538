import { type ManagedIdentity, places, platforms, type ServicePrincipal, type Tenant, type User } from './actor.ts';
import { AddressPool } from './address-pool.ts';
import { automations, givenNames, locations, mailName, stages, surnames, workloads } from './names.ts';
import { ordinaryOperations } from './operation.ts';
import { Random } from './random.ts';
import type { Resource } from './resource.ts';

export interface PopulationSize {
  readonly users: number;
  readonly servicePrincipals: number;
  readonly managedIdentities: number;
  readonly subscriptions: number;
  readonly resources: number;
}

/** An organisation with its people, workloads and resources; equal seeds and sizes make equal ones. */
export interface Population {
  readonly tenant: Tenant;
  readonly users: readonly User[];
  readonly servicePrincipals: readonly ServicePrincipal[];
  readonly managedIdentities: readonly ManagedIdentity[];
  readonly subscriptions: readonly string[];
  readonly resources: readonly Resource[];
}

export const defaultPopulationSize: PopulationSize = {
  users: 600,
  servicePrincipals: 80,
  managedIdentities: 40,
  subscriptions: 6,
  resources: 900,
};

/** Share of users that other organisations vouch for. */
const guestShare = 0.08;

export function createPopulation(seed: number, size: PopulationSize = defaultPopulationSize): Population {
  const random = new Random(`population/${seed}`);
  const tenant = createTenant(random);
  const subscriptions = Array.from({ length: size.subscriptions }, () => random.uuid());
  const resources = Array.from({ length: size.resources }, () => createResource(random, random.pick(subscriptions)));
  const pool = new AddressPool(random, size.users);
  return {
    tenant,
    subscriptions,
    resources,
    users: Array.from({ length: size.users }, (_, index) =>
      random.chance(guestShare) ? createGuest(tenant, random, pool, index) : createMember(tenant, random, pool, index),
    ),
    servicePrincipals: Array.from({ length: size.servicePrincipals }, () => createServicePrincipal(random, pool)),
    managedIdentities: Array.from({ length: size.managedIdentities }, () =>
      createManagedIdentity(random, random.pick(subscriptions), pool),
    ),
  };
}

function createTenant(random: Random): Tenant {
  return { id: random.uuid(), domain: 'tidalworks.example', initialDomain: 'tidalworksexample.onmicrosoft.com' };
}

function createMember(tenant: Tenant, random: Random, pool: AddressPool, index: number): User {
  const person = createPerson(random, index);
  const upn = `${person.mailbox}@${tenant.domain}`;
  return {
    ...person.common,
    kind: 'member',
    upn,
    mail: upn,
    homeTenantId: tenant.id,
    addresses: pool.forUser(random),
  };
}

function createGuest(tenant: Tenant, random: Random, pool: AddressPool, index: number): User {
  const person = createPerson(random, index);
  const domain = random.pick(['partner.example', 'freelance.example', 'auditors.example']);
  return {
    ...person.common,
    kind: 'guest',
    upn: `${person.mailbox}_${domain}#EXT#@${tenant.initialDomain}`,
    mail: `${person.mailbox}@${domain}`,
    homeTenantId: random.uuid(),
    addresses: pool.forUser(random),
  };
}

function createPerson(random: Random, index: number) {
  const givenName = random.pick(givenNames);
  const surname = random.pick(surnames);
  return {
    mailbox: `${mailName(givenName)}.${mailName(surname)}${index}`,
    common: {
      givenName,
      surname,
      displayName: `${givenName} ${surname}`,
      objectId: random.uuid(),
      platform: random.pick(platforms),
      place: random.pick(places),
    },
  };
}

function createServicePrincipal(random: Random, pool: AddressPool): ServicePrincipal {
  return {
    kind: 'service-principal',
    name: `sp-${random.pick(workloads)}-${random.pick(automations)}-${random.pick(stages)}`,
    objectId: random.uuid(),
    appId: random.uuid(),
    place: random.pick(places),
    addresses: pool.forWorkload(random),
  };
}

function createManagedIdentity(random: Random, subscriptionId: string, pool: AddressPool): ManagedIdentity {
  const workload = random.pick(workloads);
  const name = `id-${workload}-${random.pick(stages)}-${random.hex(4)}`;
  return {
    kind: 'managed-identity',
    name,
    objectId: random.uuid(),
    appId: random.uuid(),
    resourcePath: `/subscriptions/${subscriptionId}/resourcegroups/rg-${workload}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`,
    addresses: pool.forWorkload(random),
  };
}

function createResource(random: Random, subscriptionId: string): Resource {
  const workload = random.pick(workloads);
  const stage = random.pick(stages);
  const type = random.pick(ordinaryOperations).resourceType;
  const last = type.slice(type.lastIndexOf('/') + 1).toLowerCase();
  return {
    subscriptionId,
    resourceGroup: type === 'Microsoft.Insights/diagnosticSettings' ? '' : `rg-${workload}-${stage}`,
    type,
    name: `${workload}-${stage}-${last.slice(0, 12)}-${random.hex(5)}`,
    location: random.pick(locations),
  };
}
