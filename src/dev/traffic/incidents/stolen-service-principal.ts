import { places, type ServicePrincipal } from '../actor.ts';
import type { Incident } from '../incident.ts';
import { IncidentScript } from '../incident-script.ts';
import { operations } from '../operation.ts';
import type { Population } from '../population.ts';
import { Random } from '../random.ts';
import type { Resource } from '../resource.ts';
import { StixAuthor } from '../stix-author.ts';
import { dayMs, minuteMs } from '../span.ts';

const name = 'stolen-service-principal';
const address = '203.0.113.77';

/** A leaked client secret, used from a rented server to reach keys, rights and computing power. */
export function stolenServicePrincipal(population: Population): Incident {
  const random = new Random(`${name}/${population.tenant.id}`);
  const principal: ServicePrincipal = {
    kind: 'service-principal',
    name: 'sp-payments-terraform-prod',
    objectId: random.uuid(),
    appId: random.uuid(),
    place: places[4] ?? random.pick(places),
    addresses: ['198.18.4.20'],
  };
  return {
    name,
    story:
      'The client secret of a deployment pipeline has leaked. Its service principal signs in from a rented server that ' +
      'threat intelligence knows, lists the keys of four storage accounts, makes itself Owner after a first refusal, and ' +
      'creates machines in four resource groups of two subscriptions until a quota stops it.',
    durationMs: 160 * minuteMs,
    expectation: {
      quiet: false,
      findings: [
        {
          caller: principal.objectId,
          ip: address,
          grade: 'same-principal',
          operations: 13,
          userSignIns: 0,
          servicePrincipalSignIns: 3,
        },
      ],
    },
    messages: (startMs) => script(new IncidentScript(name, population, startMs), principal, population),
    intelligence: (startMs) => {
      const author = new StixAuthor(name, 'Harbour Watch', startMs - 400 * dayMs);
      const indicator = author.indicator({
        name: 'Brine Jackal staging server',
        description: 'Rented server from which Brine Jackal uses stolen cloud credentials to deploy coin miners',
        pattern: `[ipv4-addr:value = '${address}']`,
        types: ['malicious-activity', 'compromised'],
        labels: ['ActivityGroup:BRINE JACKAL', 'cloud'],
        confidence: 90,
        tlp: 'amber',
        createdMs: startMs - 9 * dayMs,
        validUntilMs: startMs + 30 * dayMs,
      });
      const actor = author.intrusionSet('Brine Jackal', startMs - 200 * dayMs);
      const miner = author.malware('TidePool miner', startMs - 90 * dayMs);
      return [
        {
          atMs: startMs - dayMs,
          objects: [
            author.identity,
            actor,
            miner,
            indicator,
            author.indicates(indicator, actor, startMs - 9 * dayMs),
            author.indicates(indicator, miner, startMs - 9 * dayMs),
          ],
        },
      ];
    },
  };
}

function script(incident: IncidentScript, actor: ServicePrincipal, population: Population) {
  const [first = '', second = ''] = population.subscriptions;
  const resource = (subscriptionId: string, resourceGroup: string, type: string, label: string): Resource => {
    return { subscriptionId, resourceGroup, type, name: label, location: 'westeurope' };
  };
  const common = { actor, address };
  incident.servicePrincipalSignIn(0, actor, address, true);
  for (const minute of [1, 61, 121]) incident.servicePrincipalSignIn(minute, actor, address);
  for (const [index, account] of ['stpayprod01', 'stpayprod02', 'stpayarchive', 'stpaylogs'].entries()) {
    const storage = resource(first, 'rg-payments-prod', operations.listStorageKeys.resourceType, account);
    incident.operation(4 + index * 0.4, { ...common, operation: operations.listStorageKeys, resource: storage });
  }
  const assignment = resource(
    first,
    '',
    operations.writeRoleAssignment.resourceType,
    '7f0d4c1e-1f55-4b0e-9a53-0d9f6b2c8e11',
  );
  incident.operation(22, { ...common, operation: operations.writeRoleAssignment, resource: assignment, fails: true });
  incident.operation(25, { ...common, operation: operations.writeRoleAssignment, resource: assignment });
  const targets = [
    [40, first, 'rg-payments-prod'],
    [52, first, 'rg-checkout-prod'],
    [75, second, 'rg-forecast-test'],
    [98, second, 'rg-datalake-dev'],
    [126, first, 'rg-payments-prod'],
    [150, second, 'rg-forecast-test'],
  ] as const;
  for (const [index, [minute, subscriptionId, group]] of targets.entries()) {
    const machine = resource(
      subscriptionId,
      group,
      operations.writeVirtualMachine.resourceType,
      `vm-batch-${index + 1}`,
    );
    const audited = index < 2;
    incident.operation(minute, { ...common, operation: operations.writeVirtualMachine, resource: machine, audited });
  }
  const refused = resource(second, 'rg-forecast-test', operations.writeVirtualMachine.resourceType, 'vm-batch-7');
  incident.operation(154, { ...common, operation: operations.writeVirtualMachine, resource: refused, fails: true });
  return incident.messages();
}
