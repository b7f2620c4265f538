import type { Incident } from '../incident.ts';
import { IncidentScript } from '../incident-script.ts';
import { ordinaryOperations } from '../operation.ts';
import type { Population } from '../population.ts';
import { Random } from '../random.ts';
import { revised, StixAuthor } from '../stix-author.ts';
import { dayMs, minuteMs } from '../span.ts';

const name = 'noisy-shared-exit';
const addresses = ['192.0.2.10', '192.0.2.11', '192.0.2.12', '192.0.2.13'] as const;

/** A company's own exits, which flap in and out of lists and must raise nothing. */
export function noisySharedExit(population: Population): Incident {
  return {
    name,
    story:
      'Forty colleagues work through four shared exits of the company. Lists name all four, and none of it may count: a whole ' +
      'network and one exit with a confidence below the floor, one indicator revoked, one expired, one that becomes valid ' +
      'only in three days.',
    durationMs: 125 * minuteMs,
    expectation: { quiet: true, addresses },
    messages: (startMs) => script(new IncidentScript(name, population, startMs), population),
    intelligence: (startMs) => {
      const author = new StixAuthor(name, 'Crowd Blocklist', startMs - 500 * dayMs);
      const exit = (host: number, confidence: number, createdMs: number, validUntilMs: number) =>
        author.indicator({
          name: `Reported host 192.0.2.${host}`,
          description: 'Reported by one user of the list',
          pattern: `[ipv4-addr:value = '192.0.2.${host}']`,
          types: ['anomalous-activity'],
          labels: ['crowd'],
          confidence,
          tlp: 'white',
          createdMs,
          validUntilMs,
        });
      const revoked = exit(11, 95, startMs - 6 * dayMs, startMs + 20 * dayMs);
      const network = author.indicator({
        name: 'Reported network',
        pattern: "[ipv4-addr:value = '192.0.2.0/24']",
        types: ['anomalous-activity'],
        confidence: 40,
        createdMs: startMs - 30 * dayMs,
      });
      const held = [
        author.identity,
        network,
        exit(10, 50, startMs - 5 * dayMs, startMs + 20 * dayMs),
        revoked,
        exit(12, 95, startMs - 20 * dayMs, startMs - dayMs),
        {
          ...exit(13, 95, startMs - 2 * dayMs, startMs + 20 * dayMs),
          valid_from: new Date(startMs + 3 * dayMs).toISOString(),
        },
      ];
      return [
        { atMs: startMs - 2 * dayMs, objects: held },
        { atMs: startMs - dayMs, objects: [revised(revoked, startMs - dayMs, { revoked: true })] },
      ];
    },
  };
}

function script(incident: IncidentScript, population: Population) {
  const random = new Random(`${name}/${population.tenant.id}`);
  const services = ordinaryOperations.filter((operation) => !operation.asynchronous);
  for (const user of population.users.slice(0, 40)) {
    const address = random.pick(addresses);
    incident.signIn(random.between(0, 30), user, address);
    for (let count = random.between(1, 2); count > 0; count--) {
      const operation = random.pick(services);
      const sample = random.pick(population.resources);
      const resource = { ...sample, type: operation.resourceType };
      incident.operation(random.between(30, 120), { actor: user, address, operation, resource });
    }
  }
  return incident.messages();
}
