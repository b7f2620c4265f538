import type { Actor } from './actor.ts';
import { type ActivityFields, activityRecord, type Phase } from './activity-record.ts';
import { envelope, type GeneratedMessage, type GeneratedRecord } from './message.ts';
import { type Operation, ordinaryOperations } from './operation.ts';
import { policyRecord } from './platform-record.ts';
import { poisonedRecord } from './poison.ts';
import { Random } from './random.ts';
import { dayShape } from './rates.ts';
import type { Resource } from './resource.ts';
import { callerAddress, disturb, type SourceSettings, type TrafficSource } from './traffic-source.ts';
import { Zipf } from './zipf.ts';

interface Step {
  readonly timeMs: number;
  readonly phase: Phase;
}

/** Resource Manager's operations: small messages, some seconds to a minute and a half after the event. */
export class ActivitySource implements TrafficSource {
  readonly slotMs = 60_000;
  readonly #settings: SourceSettings;
  readonly #users: Zipf;
  readonly #servicePrincipals: Zipf;
  readonly #resources: ReadonlyMap<string, readonly Resource[]>;
  readonly #operations: readonly Operation[];

  constructor(settings: SourceSettings) {
    this.#settings = settings;
    this.#users = new Zipf(settings.population.users.length, 1.1);
    this.#servicePrincipals = new Zipf(settings.population.servicePrincipals.length, 1.1);
    this.#resources = resourcesByType(settings.population.resources);
    this.#operations = ordinaryOperations
      .filter((operation) => this.#resources.has(operation.resourceType))
      .flatMap((operation) => Array.from({ length: operation.weight }, () => operation));
  }

  slot(startMs: number): GeneratedMessage[] {
    const { seed, rates, faults } = this.#settings;
    const random = new Random(`activity/${seed}/${startMs}`);
    const count = random.poisson((rates.operations * dayShape(startMs) * this.slotMs) / 1000);
    const messages = Array.from({ length: count }, () =>
      this.#operation(startMs + random.between(0, this.slotMs - 1), random),
    );
    return disturb(messages.flat(), faults, random);
  }

  #operation(timeMs: number, random: Random): GeneratedMessage[] {
    const { population, watched, faults } = this.#settings;
    const operation = random.pick(this.#operations);
    const actor = this.#actor(random);
    const fields: Omit<ActivityFields, 'timeMs' | 'ticks' | 'phase'> = {
      actor,
      operation,
      resource: random.pick(this.#resources.get(operation.resourceType) ?? population.resources),
      address: random.chance(0.01) ? null : callerAddress(actor, watched, random),
      correlationId: random.uuid(),
    };
    const at = (step: Step): ActivityFields => ({ ...fields, ...step, ticks: random.between(0, 9999) });
    const steps = operationSteps(operation, timeMs, random);
    const messages = groups(steps, operation, random).map((group) => {
      const records = group.map((step) => administrative(activityRecord(at(step), population.tenant, random)));
      if (random.chance(faults.poison)) {
        // Anywhere among its good neighbours.
        records.splice(random.between(0, records.length), 0, poisonedRecord(population.tenant, random));
      }
      return this.#deliver(group, records, random);
    });
    const last = steps.at(-1);
    if (
      last?.phase === 'Success' &&
      operation.name.endsWith('/write') &&
      fields.address !== null &&
      random.chance(0.35)
    ) {
      const audits = Array.from({ length: random.between(1, 3) }, () =>
        administrative(policyRecord(at(last), population.tenant, random)),
      );
      messages.push(this.#deliver([last], audits, random));
    }
    return messages;
  }

  #deliver(group: readonly Step[], records: readonly GeneratedRecord[], random: Random): GeneratedMessage {
    const last = group.at(-1)?.timeMs ?? 0;
    return envelope('activity', last + random.between(2_000, 91_000), records);
  }

  #actor(random: Random): Actor {
    const { users, servicePrincipals, managedIdentities } = this.#settings.population;
    const kind = random.fraction();
    if (kind < 0.55) return this.#users.pick(users, random);
    if (kind < 0.9) return this.#servicePrincipals.pick(servicePrincipals, random);
    return random.pick(managedIdentities);
  }
}

/** A synchronous operation starts and ends; an asynchronous one is accepted in between. */
function operationSteps(operation: Operation, timeMs: number, random: Random): Step[] {
  const end: Phase = random.chance(0.07) ? 'Failure' : 'Success';
  const start: Step = { timeMs, phase: 'Start' };
  if (!operation.asynchronous) return [start, { timeMs: timeMs + random.between(30, 3_000), phase: end }];
  const acceptedMs = timeMs + random.between(200, 2_000);
  return [
    start,
    { timeMs: acceptedMs, phase: 'Accept' },
    { timeMs: acceptedMs + random.between(5_000, 240_000), phase: end },
  ];
}

/** Records of an asynchronous operation arrive one a message, the two of a synchronous one mostly together. */
function groups(steps: readonly Step[], operation: Operation, random: Random): Step[][] {
  return !operation.asynchronous && random.chance(0.7) ? [[...steps]] : steps.map((step) => [step]);
}

function resourcesByType(resources: readonly Resource[]): Map<string, Resource[]> {
  const byType = new Map<string, Resource[]>();
  for (const resource of resources) {
    const known = byType.get(resource.type);
    if (known === undefined) byType.set(resource.type, [resource]);
    else known.push(resource);
  }
  return byType;
}

function administrative(text: string): GeneratedRecord {
  return { kind: 'activity', text };
}
