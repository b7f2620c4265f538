import { places, type ServicePrincipal } from '../actor.ts';
import type { Incident } from '../incident.ts';
import { IncidentScript } from '../incident-script.ts';
import { operations } from '../operation.ts';
import type { Population } from '../population.ts';
import { Random } from '../random.ts';
import { revised, StixAuthor } from '../stix-author.ts';
import { dayMs, minuteMs } from '../span.ts';

const name = 'revoked-midway';
const address = '203.0.113.201';

/** A false positive that its producer takes back while the records are still in the window. */
export function revokedMidway(population: Population): Incident {
  const random = new Random(`${name}/${population.tenant.id}`);
  const principal: ServicePrincipal = {
    kind: 'service-principal',
    name: 'sp-edge-dns-sync-prod',
    objectId: random.uuid(),
    appId: random.uuid(),
    place: places[2] ?? random.pick(places),
    addresses: [address],
  };
  return {
    name,
    story:
      'A provider that updates names for the company is listed by mistake. Its work raises an alert; three hours later ' +
      'the producer revokes the indicator, and the finding must be withdrawn at once.',
    durationMs: 180 * minuteMs,
    expectation: {
      quiet: false,
      findings: [
        {
          caller: principal.objectId,
          ip: address,
          grade: 'same-principal',
          operations: 3,
          userSignIns: 0,
          servicePrincipalSignIns: 1,
          closed: 'indicator-revoked',
        },
      ],
    },
    messages: (startMs) => {
      const incident = new IncidentScript(name, population, startMs);
      const [, , , , subscriptionId = ''] = population.subscriptions;
      incident.servicePrincipalSignIn(1, principal, address);
      for (let index = 0; index < 3; index++) {
        const operation = operations.writeDeployment;
        const label = `dns-sync-${index}`;
        const resource = {
          subscriptionId,
          resourceGroup: 'rg-edge-prod',
          type: operation.resourceType,
          name: label,
          location: 'westeurope',
        };
        incident.operation(5 + index * 25, { actor: principal, address, operation, resource });
      }
      return incident.messages();
    },
    intelligence: (startMs) => {
      const author = new StixAuthor(name, 'Crowd Blocklist', startMs - 500 * dayMs);
      const indicator = author.indicator({
        name: 'Reported name server',
        description: 'Answers with names of a phishing campaign',
        pattern: `[ipv4-addr:value = '${address}']`,
        types: ['malicious-activity'],
        labels: ['dns'],
        confidence: 78,
        tlp: 'clear2',
        createdMs: startMs - 2 * dayMs,
        validUntilMs: startMs + 10 * dayMs,
      });
      const revokedMs = startMs + 180 * minuteMs;
      return [
        { atMs: startMs - dayMs, objects: [author.identity, indicator] },
        { atMs: revokedMs, objects: [revised(indicator, revokedMs, { revoked: true })] },
      ];
    },
  };
}
