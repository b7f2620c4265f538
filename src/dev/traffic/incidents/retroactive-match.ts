import { places, platforms, type User } from '../actor.ts';
import type { Incident } from '../incident.ts';
import { IncidentScript } from '../incident-script.ts';
import { type Operation, operations } from '../operation.ts';
import type { Population } from '../population.ts';
import { Random } from '../random.ts';
import { StixAuthor } from '../stix-author.ts';
import { dayMs, minuteMs } from '../span.ts';

const name = 'retroactive-match';
const address = '203.0.113.140';

/** Activity first, the indicator two hours later. */
export function retroactiveMatch(population: Population): Incident {
  const random = new Random(`${name}/${population.tenant.id}`);
  const upn = `farid.uysal@${population.tenant.domain}`;
  const user: User = {
    kind: 'member',
    displayName: 'Farid Uysal',
    givenName: 'Farid',
    surname: 'Uysal',
    upn,
    mail: upn,
    objectId: random.uuid(),
    homeTenantId: population.tenant.id,
    platform: platforms[0] ?? random.pick(platforms),
    place: places[1] ?? random.pick(places),
    addresses: ['198.18.90.8'],
  };
  return {
    name,
    story:
      'A session of an administrator, stolen by phishing, opens a database to the world from an address that nobody has ' +
      'reported yet. Two hours after it began the address enters the feed: the alert must rise then, without a new record.',
    durationMs: 120 * minuteMs,
    expectation: {
      quiet: false,
      findings: [
        {
          caller: upn,
          ip: address,
          grade: 'same-principal',
          operations: 4,
          userSignIns: 1,
          servicePrincipalSignIns: 0,
        },
      ],
    },
    messages: (startMs) => script(new IncidentScript(name, population, startMs), user, population),
    intelligence: (startMs) => {
      const author = new StixAuthor(name, 'Harbour Watch', startMs - 400 * dayMs);
      const indicator = author.indicator({
        name: 'Phishing proxy',
        description: 'Proxy that relays stolen sessions of cloud administrators',
        pattern: `[ipv4-addr:value = '${address}' OR ipv4-addr:value = '203.0.113.141']`,
        types: ['malicious-activity', 'attribution'],
        labels: ['phishing', 'session-theft'],
        confidence: 85,
        tlp: 'amberStrict2',
        createdMs: startMs + 118 * minuteMs,
        validUntilMs: startMs + 14 * dayMs,
      });
      // Valid since the campaign began, though written only now.
      const backdated = { ...indicator, valid_from: new Date(startMs - dayMs).toISOString() };
      return [{ atMs: startMs + 120 * minuteMs, objects: [author.identity, backdated] }];
    },
  };
}

function script(incident: IncidentScript, actor: User, population: Population) {
  const [subscriptionId = ''] = population.subscriptions;
  const act = (minute: number, operation: Operation, label: string) => {
    const resource = {
      subscriptionId,
      resourceGroup: 'rg-warehouse-prod',
      type: operation.resourceType,
      name: label,
      location: 'westeurope',
    };
    incident.operation(minute, { actor, address, operation, resource });
  };
  incident.signIn(0, actor, address, 'low');
  incident.signIn(1, actor, address, 'low', 50074);
  act(10, operations.writeFirewallRule, 'sql-warehouse-prod/allow-all');
  act(24, operations.writeFirewallRule, 'sql-warehouse-prod/allow-all-2');
  act(41, operations.writeDatabase, 'sql-warehouse-prod/db-restore');
  act(64, operations.writeSecurityRule, 'nsg-warehouse/allow-1433');
  return incident.messages();
}
