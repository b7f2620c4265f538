import {
  type ApplicationSignInFields,
  invalidSecretCode,
  managedIdentitySignInRecord,
  servicePrincipalSignInRecord,
} from './application-sign-in-record.ts';
import {
  commandLine,
  interactiveApplications,
  microsoftGraph,
  resourceManager,
  serviceResources,
} from './application.ts';
import { envelope, type GeneratedMessage, type GeneratedRecord, type HubRole, splitBySize } from './message.ts';
import { auditRecord, graphRecord } from './noise-record.ts';
import { Random } from './random.ts';
import { dayShape, type TrafficRates } from './rates.ts';
import { failureCodes, type SignInFields, type SignInRisk, signInRecord } from './sign-in-record.ts';
import { callerAddress, disturb, type SourceSettings, type TrafficSource } from './traffic-source.ts';
import { Zipf } from './zipf.ts';

interface Entry {
  readonly createdMs: number;
  readonly record: GeneratedRecord;
  /** A later copy under the same id. */
  readonly copy?: GeneratedRecord;
}

export type EntraCategory = 'signIns' | 'nonInteractive' | 'servicePrincipal' | 'managedIdentity' | 'audit' | 'graph';

const hubs: Readonly<Record<EntraCategory, HubRole>> = {
  signIns: 'signIn',
  nonInteractive: 'nonInteractive',
  servicePrincipal: 'servicePrincipal',
  managedIdentity: 'managedIdentity',
  audit: 'signIn',
  graph: 'signIn',
};

const rateNames: Readonly<Record<EntraCategory, keyof TrafficRates>> = {
  signIns: 'signIns',
  nonInteractive: 'nonInteractiveSignIns',
  servicePrincipal: 'servicePrincipalSignIns',
  managedIdentity: 'managedIdentitySignIns',
  audit: 'auditLogs',
  graph: 'graphActivity',
};

/**
 * One category of Entra. A slot's records leave together after its end, in as few messages of at most 256 KB as hold them;
 * inside they are ordered by when the event happened, not by `time`.
 */
export class EntraSource implements TrafficSource {
  readonly slotMs: number;
  readonly #category: EntraCategory;
  readonly #settings: SourceSettings;
  readonly #users: Zipf;
  readonly #servicePrincipals: Zipf;

  constructor(category: EntraCategory, settings: SourceSettings, batchMs: number) {
    this.#category = category;
    this.#settings = settings;
    this.slotMs = batchMs;
    this.#users = new Zipf(settings.population.users.length, 1.1);
    this.#servicePrincipals = new Zipf(settings.population.servicePrincipals.length, 1.1);
  }

  slot(startMs: number): GeneratedMessage[] {
    const { seed, rates, faults } = this.#settings;
    const random = new Random(`${this.#category}/${seed}/${startMs}`);
    const rate = rates[rateNames[this.#category]];
    const count = random.poisson((rate * dayShape(startMs) * this.slotMs) / 1000);
    const entries = Array.from({ length: count }, () =>
      this.#entry(startMs + random.between(0, this.slotMs - 1), random),
    );
    entries.sort((a, b) => a.createdMs - b.createdMs);
    const hub = hubs[this.#category];
    let enqueuedMs = startMs + this.slotMs + random.between(5_000, 90_000);
    const messages = splitBySize(entries.map((entry) => entry.record)).map((records) => {
      enqueuedMs += random.between(50, 400);
      return envelope(hub, enqueuedMs, records);
    });
    const copies = entries.flatMap(({ copy }) =>
      copy === undefined ? [] : [envelope(hub, enqueuedMs + random.between(120_000, 600_000), [copy])],
    );
    return [...disturb(messages, faults, random), ...copies];
  }

  #entry(timeMs: number, random: Random): Entry {
    const { tenant, users, servicePrincipals, managedIdentities } = this.#settings.population;
    const createdMs = timeMs - random.between(34_000, 222_000);
    switch (this.#category) {
      case 'signIns':
      case 'nonInteractive':
        return this.#userSignIn(createdMs, timeMs, random);
      case 'servicePrincipal': {
        const principal = this.#servicePrincipals.pick(servicePrincipals, random);
        const address = callerAddress(principal, this.#settings.watched, random);
        const fields = applicationFields(createdMs, timeMs, random);
        const text = servicePrincipalSignInRecord(fields, principal, address, tenant, random);
        return { createdMs, record: { kind: 'service_principal', text } };
      }
      case 'managedIdentity': {
        const fields = { ...applicationFields(createdMs, timeMs, random), resultCode: 0 };
        const text = managedIdentitySignInRecord(fields, random.pick(managedIdentities), tenant, random);
        return { createdMs, record: { kind: 'managed_identity', text } };
      }
      case 'audit':
        return unread(auditRecord(this.#users.pick(users, random), random.pick(users), tenant, timeMs, random), timeMs);
      case 'graph':
        return unread(graphRecord(this.#users.pick(users, random), tenant, timeMs, random), timeMs);
    }
  }

  #userSignIn(createdMs: number, timeMs: number, random: Random): Entry {
    const { population, watched, faults } = this.#settings;
    const interactive = this.#category === 'signIns';
    const user = this.#users.pick(population.users, random);
    const fields: SignInFields = {
      id: random.uuid(),
      interactive,
      createdMs,
      timeMs,
      ticks: random.between(0, 9999),
      user,
      address: callerAddress(user, watched, random),
      application: interactive ? random.pick(interactiveApplications) : commandLine,
      resource: interactive && random.chance(0.6) ? microsoftGraph : resourceManager,
      resultCode: random.chance(0.08) ? random.pick(failureCodes) : 0,
      risk: userRisk(random),
    };
    const kind = interactive ? 'sign_in' : 'non_interactive';
    const key = random.hex(16);
    const text = (written: SignInFields): string => signInRecord(written, population.tenant, new Random(key));
    const entry: Entry = { createdMs, record: { kind, text: text(fields) } };
    if (!random.chance(faults.republish)) return entry;
    const settled: SignInFields = { ...fields, risk: 'medium', timeMs: timeMs + random.between(1_000, 90_000) };
    return { ...entry, copy: { kind, text: text(settled) } };
  }
}

function applicationFields(createdMs: number, timeMs: number, random: Random): ApplicationSignInFields {
  return {
    id: random.uuid(),
    createdMs,
    timeMs,
    ticks: random.between(0, 9999),
    resource: random.pick(serviceResources),
    resultCode: random.chance(0.03) ? invalidSecretCode : 0,
  };
}

function userRisk(random: Random): SignInRisk {
  const draw = random.fraction();
  if (draw < 0.93) return 'none';
  if (draw < 0.96) return 'low';
  if (draw < 0.97) return 'medium';
  return draw < 0.973 ? 'high' : 'hidden';
}

function unread(text: string, timeMs: number): Entry {
  return { createdMs: timeMs, record: { kind: 'unread', text } };
}
