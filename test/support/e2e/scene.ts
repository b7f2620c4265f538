import type { StixObject } from '../../../src/core/intel/stix-object.ts';
import type { ReceivedRecord } from '../../../src/core/record.ts';
import { hubNames } from '../../../src/dev/stack.ts';
import type { Json } from '../azure-bodies.ts';
import { readBack } from './broker-log.ts';
import { expectedRows, referenceOptions, type SaidRow } from './flush-rows.ts';
import { activityRecord, bodyOf, indicatorOf, servicePrincipalRecord, signInRecord } from './incident-records.ts';
import { ServiceProcess } from './service-process.ts';
import { StackProcess } from './stack-process.ts';

const { activity, signIn, servicePrincipal } = hubNames;
const hubs = [activity, signIn, servicePrincipal];

/** The addresses that indicators name, and one that none does. */
export const addresses = { user: '203.0.113.77', application: '2001:db8:77::1', unknown: '198.51.100.9' } as const;

/** A local stack on a fast clock with a service on it, and records that matter to the rule. */
export class Scene {
  readonly stack: StackProcess;
  readonly objects: readonly StixObject[];
  #service: ServiceProcess | null = null;

  private constructor(stack: StackProcess, objects: readonly StixObject[]) {
    this.stack = stack;
    this.objects = objects;
  }

  static async start(speed: number): Promise<Scene> {
    const now = Date.now();
    const objects = [indicatorOf(addresses.user, now), indicatorOf(addresses.application, now, { confidence: 80 })];
    return new Scene(await StackProcess.start({ speed, indicators: objects }), objects);
  }

  get now(): number {
    return Math.round(this.stack.clock.now());
  }

  get service(): ServiceProcess {
    if (this.#service === null) throw new TypeError('Cannot ask the service as it has not been started');
    return this.#service;
  }

  /** Starts the service in a mode that sends every row of every flush. */
  async serve(settings: Readonly<Record<string, string>>): Promise<ServiceProcess> {
    const shared = { ALERT_REPEAT: 'every-flush', TI_REFRESH_INTERVAL: '24h' };
    this.#service = await ServiceProcess.start({ ...this.stack.environment, ...shared, ...settings });
    return this.#service;
  }

  /** Writes records into a partition as one event, enqueued now unless told otherwise. */
  async write(hub: string, partition: string, records: readonly Json[], enqueuedMs?: number): Promise<void> {
    const event = { partition, body: bodyOf(...records), ...(enqueuedMs === undefined ? {} : { enqueuedMs }) };
    await this.stack.write(hub, [event]);
  }

  /** Writes activity and sign-ins of the known addresses into every partition, as of an instant. */
  async writeIncident(at: number, enqueuedMs?: number): Promise<void> {
    const { user, application, unknown } = addresses;
    const principal = 'bob@contoso.example';
    const first = [activityRecord({ at, address: user }), activityRecord({ at, address: unknown })];
    await this.write(activity, '0', first, enqueuedMs);
    await this.write(activity, '1', [activityRecord({ at, address: application, principal })], enqueuedMs);
    await this.write(signIn, '0', [signInRecord({ at, address: user })], enqueuedMs);
    await this.write(servicePrincipal, '1', [servicePrincipalRecord({ at, address: application })], enqueuedMs);
  }

  /** Everything the broker holds. */
  received(): Promise<ReceivedRecord[]> {
    return readBack(this.stack.environment.EVENTHUB_CONNECTION_STRING, hubs);
  }

  /** What an undisturbed run says at a boundary. */
  expected(received: readonly ReceivedRecord[], windowEnd: number, flushDelayMs: number): SaidRow[] {
    return expectedRows(received, this.objects, windowEnd, referenceOptions(flushDelayMs));
  }

  async stop(): Promise<void> {
    await this.#service?.stop();
    await this.stack.stop();
  }
}
