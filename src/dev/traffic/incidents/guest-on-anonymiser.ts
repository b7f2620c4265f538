import { places, platforms, type User } from '../actor.ts';
import type { Incident } from '../incident.ts';
import { IncidentScript } from '../incident-script.ts';
import { type Operation, operations } from '../operation.ts';
import type { Population } from '../population.ts';
import { Random } from '../random.ts';
import { StixAuthor } from '../stix-author.ts';
import { dayMs, minuteMs } from '../span.ts';

const name = 'guest-on-anonymiser';
const address = '198.51.100.23';

/** A guest whose caller (an e-mail address) and sign-in name (`#EXT#`) share nothing but the object id. */
export function guestOnAnonymiser(population: Population): Incident {
  const random = new Random(`${name}/${population.tenant.id}`);
  const guest: User = {
    kind: 'guest',
    displayName: 'Mira Holt',
    givenName: 'Mira',
    surname: 'Holt',
    upn: `mira.holt_freelance.example#EXT#@${population.tenant.initialDomain}`,
    mail: 'mira.holt@freelance.example',
    objectId: random.uuid(),
    homeTenantId: random.uuid(),
    platform: platforms[2] ?? random.pick(platforms),
    place: places[0] ?? random.pick(places),
    addresses: ['198.18.77.12'],
  };
  return {
    name,
    story:
      'A freelancer invited as a guest works through an anonymising exit that threat intelligence lists. Two risky sign-ins, ' +
      'then a copy of a disk is made and opened for download, secrets of two sites are read, storage keys listed, and the ' +
      'diagnostic setting that would have told of it is deleted. Entra writes one of the addresses with a port.',
    durationMs: 100 * minuteMs,
    expectation: {
      quiet: false,
      findings: [
        {
          caller: guest.mail,
          ip: address,
          grade: 'same-principal',
          operations: 7,
          userSignIns: 2,
          servicePrincipalSignIns: 0,
        },
      ],
    },
    messages: (startMs) => script(new IncidentScript(name, population, startMs), guest, population),
    intelligence: (startMs) => {
      const author = new StixAuthor(name, 'Open Exit List', startMs - 700 * dayMs);
      return [
        {
          atMs: startMs - 2 * dayMs,
          objects: [
            author.identity,
            author.indicator({
              name: 'Anonymising exit',
              description: 'Exit of an anonymising network, seen in password spraying',
              pattern: `[ipv4-addr:value = '${address}']`,
              types: ['anonymization'],
              labels: ['tor-exit', 'anonymiser'],
              confidence: 80,
              tlp: 'green2',
              createdMs: startMs - 3 * dayMs,
              validUntilMs: startMs + 4 * dayMs,
            }),
          ],
        },
      ];
    },
  };
}

function script(incident: IncidentScript, actor: User, population: Population) {
  const [, subscriptionId = ''] = population.subscriptions;
  const act = (minute: number, operation: Operation, resourceGroup: string, label: string, from = address) => {
    const resource = {
      subscriptionId,
      resourceGroup,
      type: operation.resourceType,
      name: label,
      location: 'northeurope',
    };
    incident.operation(minute, { actor, address: from, operation, resource });
  };
  incident.signIn(0, actor, address, 'medium');
  incident.signIn(45, actor, `${address}:50412`, 'high');
  act(6, operations.writeSnapshot, 'rg-hr-portal-prod', 'snap-hr-portal-db');
  act(12, operations.exportSnapshot, 'rg-hr-portal-prod', 'snap-hr-portal-db');
  act(30, operations.listSiteSecrets, 'rg-hr-portal-prod', 'hr-portal-prod');
  act(33, operations.listSiteSecrets, 'rg-identity-prod', 'identity-prod');
  act(55, operations.listStorageKeys, 'rg-hr-portal-prod', 'sthrportal01', `${address}:50533`);
  act(58, operations.listStorageKeys, 'rg-hr-portal-prod', 'sthrportal02');
  act(90, operations.deleteDiagnosticSetting, '', 'send-to-hub');
  return incident.messages();
}
