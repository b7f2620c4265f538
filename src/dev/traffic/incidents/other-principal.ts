import { places, type ServicePrincipal } from '../actor.ts';
import type { Incident } from '../incident.ts';
import { IncidentScript } from '../incident-script.ts';
import { operations } from '../operation.ts';
import type { Population } from '../population.ts';
import { Random } from '../random.ts';
import { StixAuthor } from '../stix-author.ts';
import { dayMs, minuteMs } from '../span.ts';

const name = 'other-principal';
const address = '198.51.100.200';

/** An address shared by an application that acts and people who only sign in. */
export function otherPrincipal(population: Population): Incident {
  const random = new Random(`${name}/${population.tenant.id}`);
  const principal: ServicePrincipal = {
    kind: 'service-principal',
    name: 'sp-datalake-backup-agent-prod',
    objectId: random.uuid(),
    appId: random.uuid(),
    place: places[3] ?? random.pick(places),
    addresses: ['198.18.31.31'],
  };
  return {
    name,
    story:
      'A backup application restarts machines from a hosting provider whose address is listed. Its token was issued elsewhere, ' +
      'so no sign-in of its own came from there; two people who use the same provider signed in from it. That is evidence ' +
      'about the address, not about the application.',
    durationMs: 80 * minuteMs,
    expectation: {
      quiet: false,
      findings: [
        {
          caller: principal.objectId,
          ip: address,
          grade: 'other-principal',
          operations: 5,
          userSignIns: 2,
          servicePrincipalSignIns: 0,
        },
      ],
    },
    messages: (startMs) => {
      const incident = new IncidentScript(name, population, startMs);
      const [, , subscriptionId = ''] = population.subscriptions;
      for (const [index, user] of population.users.slice(50, 52).entries())
        incident.signIn(5 + index * 20, user, address);
      incident.servicePrincipalSignIn(2, principal, '198.18.31.31');
      for (let index = 0; index < 5; index++) {
        const operation = index % 2 === 0 ? operations.deallocateVirtualMachine : operations.startVirtualMachine;
        const type = operation.resourceType;
        const resource = {
          subscriptionId,
          resourceGroup: 'rg-datalake-prod',
          type,
          name: `vm-dl-${index}`,
          location: 'eastus2',
        };
        incident.operation(10 + index * 14, { actor: principal, address, operation, resource });
      }
      return incident.messages();
    },
    intelligence: (startMs) => {
      const author = new StixAuthor(name, 'Harbour Watch', startMs - 400 * dayMs);
      const indicator = author.indicator({
        name: 'Bulletproof hosting',
        description: 'Hosting provider that ignores abuse reports',
        pattern: `[network-traffic:src_ref.type = 'ipv4-addr' AND network-traffic:src_ref.value = '${address}']`,
        types: ['malicious-activity'],
        labels: ['bulletproof-hosting'],
        confidence: 75,
        createdMs: startMs - 12 * dayMs,
      });
      return [{ atMs: startMs - dayMs, objects: [author.identity, indicator] }];
    },
  };
}
