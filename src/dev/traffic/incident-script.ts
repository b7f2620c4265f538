import type { Actor, ServicePrincipal, User } from './actor.ts';
import { type ActivityFields, activityRecord, type Phase } from './activity-record.ts';
import { invalidSecretCode, servicePrincipalSignInRecord } from './application-sign-in-record.ts';
import { portal, resourceManager } from './application.ts';
import { envelope, type GeneratedMessage, type GeneratedRecord, type HubRole } from './message.ts';
import type { Operation } from './operation.ts';
import { policyRecord } from './platform-record.ts';
import type { Population } from './population.ts';
import { Random } from './random.ts';
import type { Resource } from './resource.ts';
import { type SignInRisk, signInRecord } from './sign-in-record.ts';
import { minuteMs } from './span.ts';

export interface ScriptedOperation {
  readonly actor: Actor;
  readonly address: string;
  readonly operation: Operation;
  readonly resource: Resource;
  readonly fails?: boolean;
  /** Whether Policy audits the write with a record of its own, which counts as well. */
  readonly audited?: boolean;
}

/** Collects the messages of an incident. Instants are minutes after its start. */
export class IncidentScript {
  readonly #population: Population;
  readonly #startMs: number;
  readonly #random: Random;
  readonly #messages: GeneratedMessage[] = [];

  constructor(name: string, population: Population, startMs: number) {
    this.#population = population;
    this.#startMs = startMs;
    this.#random = new Random(`incident/${name}/${population.tenant.id}`);
  }

  /** An operation with all its phases: one success or one failure for the rule. */
  operation(minute: number, scripted: ScriptedOperation): void {
    const timeMs = this.#startMs + minute * minuteMs;
    const end: Phase = scripted.fails === true ? 'Failure' : 'Success';
    const fields = { ...scripted, correlationId: this.#random.uuid() };
    const step = (phase: Phase, afterMs: number): ActivityFields => ({
      ...fields,
      phase,
      timeMs: timeMs + afterMs,
      ticks: this.#random.between(0, 9999),
    });
    if (scripted.operation.asynchronous) {
      this.#activity([step('Start', 0)]);
      this.#activity([step('Accept', this.#random.between(300, 900))]);
      this.#activity([step(end, this.#random.between(8_000, 50_000))]);
    } else {
      this.#activity([step('Start', 0), step(end, this.#random.between(100, 900))]);
    }
    if (scripted.audited === true) {
      const text = policyRecord(step('Success', 1_500), this.#population.tenant, this.#random);
      this.#send('activity', timeMs + 20_000, [{ kind: 'activity', text }]);
    }
  }

  /** An interactive sign-in to the portal. */
  signIn(minute: number, user: User, address: string, risk: SignInRisk = 'none', resultCode = 0): void {
    const { createdMs, timeMs, ticks, id } = this.#signInTimes(minute);
    const text = signInRecord(
      {
        id,
        interactive: true,
        createdMs,
        timeMs,
        ticks,
        user,
        address,
        application: portal,
        resource: resourceManager,
        resultCode,
        risk,
      },
      this.#population.tenant,
      this.#random,
    );
    this.#send('signIn', timeMs + this.#random.between(30_000, 120_000), [{ kind: 'sign_in', text }]);
  }

  servicePrincipalSignIn(minute: number, principal: ServicePrincipal, address: string, fails = false): void {
    const { createdMs, timeMs, ticks, id } = this.#signInTimes(minute);
    const resultCode = fails ? invalidSecretCode : 0;
    const text = servicePrincipalSignInRecord(
      { id, createdMs, timeMs, ticks, resource: resourceManager, resultCode },
      principal,
      address,
      this.#population.tenant,
      this.#random,
    );
    const kind = 'service_principal';
    this.#send('servicePrincipal', timeMs + this.#random.between(30_000, 120_000), [{ kind, text }]);
  }

  /** The messages in the order in which they are enqueued. */
  messages(): readonly GeneratedMessage[] {
    return this.#messages.toSorted((a, b) => a.enqueuedMs - b.enqueuedMs);
  }

  #signInTimes(minute: number): { createdMs: number; timeMs: number; ticks: number; id: string } {
    const createdMs = this.#startMs + minute * minuteMs;
    const random = this.#random;
    return {
      createdMs,
      timeMs: createdMs + random.between(34_000, 110_000),
      ticks: random.between(0, 9999),
      id: random.uuid(),
    };
  }

  #activity(steps: readonly ActivityFields[]): void {
    const records = steps.map((step): GeneratedRecord => {
      return { kind: 'activity', text: activityRecord(step, this.#population.tenant, this.#random) };
    });
    this.#send('activity', (steps.at(-1)?.timeMs ?? 0) + this.#random.between(5_000, 60_000), records);
  }

  #send(hub: HubRole, enqueuedMs: number, records: readonly GeneratedRecord[]): void {
    this.#messages.push(envelope(hub, enqueuedMs, records));
  }
}
