import { formatAddress } from '../../src/core/address.ts';
import type { StixObject } from '../../src/core/intel/stix-object.ts';
import type { AzureRecord } from '../../src/core/record.ts';
import { eventTime, HOUR_MS } from '../../src/core/time.ts';

export const lookbackMs = 24 * HOUR_MS;

/** The first boundary that the measured engine has not flushed; its windows lie in the lookback before it. */
export const boundary = Date.UTC(2026, 2, 3, 12);

/** One address in this many is matched by an indicator. */
const matchedEach = 1000;

/** One address in this many has a sign-in beside its activity. */
const signInEach = 10;

const callers = 5000;
const subscriptions = 40;
const applications = 500;

/** Resources that each application has. */
const machines = 40;
const operations = [
  'MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE',
  'MICROSOFT.STORAGE/STORAGEACCOUNTS/LISTKEYS/ACTION',
  'MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/WRITE',
  'MICROSOFT.KEYVAULT/VAULTS/SECRETS/READ',
  'MICROSOFT.NETWORK/NETWORKSECURITYGROUPS/SECURITYRULES/WRITE',
  'MICROSOFT.RESOURCES/DEPLOYMENTS/WRITE',
  'MICROSOFT.WEB/SITES/CONFIG/LIST/ACTION',
  'MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/LISTCLUSTERUSERCREDENTIAL/ACTION',
] as const;

/** A stretch of pseudo-random numbers from 0 up to 1 that is the same in each run: mulberry32. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function guid(kind: number, number: number): string {
  return `${kind.toString(16).padStart(8, '0')}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

/** The address of a number: each has its own, spread over 2.0.0.0 and what follows. */
export function addressOf(number: number): string {
  return formatAddress(0x0200_0000 + number * 97);
}

/** The indicators that pin a share of the addresses. */
export function indicators(addresses: number): StixObject[] {
  const objects: StixObject[] = [];
  for (let number = 0; number < addresses; number += matchedEach)
    objects.push({
      type: 'indicator',
      id: `indicator--${guid(9, number)}`,
      pattern_type: 'stix',
      pattern: `[ipv4-addr:value = '${addressOf(number)}']`,
      created: '2026-01-01T00:00:00Z',
      modified: '2026-01-01T00:00:00Z',
      valid_from: '2026-01-01T00:00:00Z',
      confidence: 80,
    });
  return objects;
}

/** One operation of the caller of an address. */
export function operationAt(number: number, ms: number, draw: () => number): AzureRecord {
  const caller = number % callers;
  const application = Math.floor(draw() * applications);
  const subscription = guid(5, application % subscriptions);
  const group = `RG-APPLICATION-${application}`;
  return {
    stream: 'activity',
    index: 0,
    category: 'Administrative',
    time: eventTime(ms),
    address: addressOf(number),
    resultType: 'Success',
    caller: `given.name.${caller}@contoso.com`,
    objectId: guid(1, caller),
    operation: operations[Math.floor(draw() * operations.length)] ?? operations[0],
    resourceId: `/SUBSCRIPTIONS/${subscription.toUpperCase()}/RESOURCEGROUPS/${group}/PROVIDERS/MICROSOFT.COMPUTE/VIRTUALMACHINES/VM-${Math.floor(draw() * machines)}`,
    subscriptionId: subscription,
    resourceGroup: group,
    correlationId: guid(2, Math.floor(draw() * 2 ** 40)),
  };
}

function signInAt(number: number, ms: number, draw: () => number): AzureRecord {
  const caller = number % callers;
  return {
    stream: 'sign_in',
    index: 0,
    category: 'SignInLogs',
    time: eventTime(ms),
    address: addressOf(number),
    resultType: '0',
    id: guid(3, Math.floor(draw() * 2 ** 40)),
    principal: `given.name.${caller}@contoso.com`,
    objectId: guid(1, caller),
    app: 'Azure Portal',
    risk: 'none',
  };
}

/** Every record of the population: one to three panes for the caller of each address, a sign-in for some. */
export function* populationOf(addresses: number): Generator<AzureRecord> {
  const draw = random(1);
  for (let number = 0; number < addresses; number += 1) {
    const panes = 1 + Math.floor(draw() * 3);
    for (let pane = 0; pane < panes; pane += 1)
      yield operationAt(number, boundary - Math.ceil(draw() * (lookbackMs - HOUR_MS)), draw);
    if (number % signInEach === 0) yield signInAt(number, boundary - Math.ceil(draw() * (lookbackMs - HOUR_MS)), draw);
  }
}
