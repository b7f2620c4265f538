import { places, platforms, type User } from '../actor.ts';
import type { Incident } from '../incident.ts';
import { IncidentScript } from '../incident-script.ts';
import { operations } from '../operation.ts';
import type { Population } from '../population.ts';
import { Random } from '../random.ts';
import { StixAuthor } from '../stix-author.ts';
import { dayMs, minuteMs } from '../span.ts';

const name = 'address-in-range';
const address = '2001:db8:bad:40::1f:7';
const writtenOut = '2001:0DB8:0BAD:0040:0000:0000:001F:0007';

/** An IPv6 caller inside a range of an indicator, its address written in two ways. */
export function addressInRange(population: Population): Incident {
  const random = new Random(`${name}/${population.tenant.id}`);
  const upn = `Greta.Lindqvist@${population.tenant.domain}`;
  const user: User = {
    kind: 'member',
    displayName: 'Greta Lindqvist',
    givenName: 'Greta',
    surname: 'Lindqvist',
    upn,
    mail: upn,
    objectId: random.uuid(),
    homeTenantId: population.tenant.id,
    platform: platforms[1] ?? random.pick(platforms),
    place: places[5] ?? random.pick(places),
    addresses: ['2001:db8:1:77::1'],
  };
  return {
    name,
    story:
      'A stolen token is used over IPv6 from a network of which an indicator names the whole range. The records write the ' +
      'address in short and in full; the owner of the token signs in elsewhere as always, so nothing corroborates.',
    durationMs: 70 * minuteMs,
    expectation: {
      quiet: false,
      findings: [
        { caller: upn, ip: address, grade: 'none', operations: 4, userSignIns: 0, servicePrincipalSignIns: 0 },
      ],
    },
    messages: (startMs) => {
      const incident = new IncidentScript(name, population, startMs);
      const [, , , subscriptionId = ''] = population.subscriptions;
      incident.signIn(3, user, '2001:db8:1:77::1');
      for (const [index, form] of [address, writtenOut, `[${address}]:44120`, writtenOut.toLowerCase()].entries()) {
        const operation = index === 3 ? operations.runCommand : operations.writeAccessPolicy;
        const label = `kv-search-prod/policy-${index}`;
        const resource = {
          subscriptionId,
          resourceGroup: 'rg-search-prod',
          type: operation.resourceType,
          name: label,
          location: 'germanywestcentral',
        };
        incident.operation(8 + index * 17, { actor: user, address: form, operation, resource });
      }
      return incident.messages();
    },
    intelligence: (startMs) => {
      const author = new StixAuthor(name, 'Harbour Watch', startMs - 400 * dayMs);
      const indicator = author.indicator({
        name: 'Credential market network',
        description: 'Network of servers that test and sell cloud tokens',
        pattern: "[ipv6-addr:value ISSUBSET '2001:db8:bad:40::/64']",
        types: ['malicious-activity'],
        labels: ['credential-market'],
        confidence: 88,
        tlp: 'red',
        createdMs: startMs - 20 * dayMs,
        validUntilMs: startMs + 60 * dayMs,
      });
      return [{ atMs: startMs - dayMs, objects: [author.identity, indicator] }];
    },
  };
}
