import type { TaxiiLimits, TaxiiSettings } from '../../src/adapters/taxii/settings.ts';
import {
  SightingSink,
  type SightingSinkDeps,
  type SightingSinkSettings,
} from '../../src/adapters/taxii/sighting-sink.ts';
import type { Alert } from '../../src/core/alert/alert.ts';
import { SinkError } from '../../src/core/alert/sink-error.ts';
import type { StixObject } from '../../src/core/intel/stix-object.ts';
import type { RealTime } from '../../src/core/ports.ts';
import type { TaxiiServerOptions } from '../../src/dev/taxii-server/server.ts';
import { anAlert, anIndicator } from './sample-alert.ts';
import { TaxiiRig } from './taxii-rig.ts';

export const inbox = 'sightings-inbox';

interface SightingRigOptions {
  readonly server?: Partial<TaxiiServerOptions>;
  readonly feed?: Partial<TaxiiSettings>;
  readonly sightings?: Partial<SightingSinkSettings>;
  readonly limits?: Partial<TaxiiLimits>;
}

/** Time that passes at once for whoever waits. */
class PassingTime implements RealTime {
  readonly delays: number[] = [];
  #nowMs = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  delay(ms: number): Promise<void> {
    if (ms > 0) this.delays.push(ms);
    this.#nowMs += Math.max(0, ms);
    return Promise.resolve();
  }
}

/** The alert number `number`, raised by an indicator of the feed. */
export function numberedAlert(number: number): Alert {
  return anAlert({ id: number.toString(16).padStart(32, '0'), indicators: [anIndicator({ source: 'rig' })] });
}

/** A TAXII server with a collection to write to, and a sink on it. */
export class SightingRig {
  readonly taxii: TaxiiRig;
  readonly time = new PassingTime();
  readonly sink: SightingSink;
  readonly #feed: TaxiiSettings;
  readonly #settings: SightingSinkSettings;
  readonly #deps: SightingSinkDeps;

  private constructor(taxii: TaxiiRig, { feed, sightings, limits }: SightingRigOptions) {
    this.taxii = taxii;
    this.#feed = { ...taxii.settings, ...feed };
    this.#settings = { collection: inbox, perMinute: 100_000, tlpMax: 'AMBER', identity: null, ...sightings };
    const { clock } = taxii;
    this.#deps = { clock, realTime: this.time, ...(limits === undefined ? {} : { limits }) };
    this.sink = new SightingSink(this.#feed, this.#settings, this.#deps);
  }

  static async start(options: SightingRigOptions = {}): Promise<SightingRig> {
    const taxii = await TaxiiRig.start({ server: options.server ?? {} });
    taxii.server.addCollection({ id: inbox, title: 'Sightings', objects: [] });
    return new SightingRig(taxii, options);
  }

  deliver(...alerts: readonly Alert[]): Promise<void> {
    return this.report(alerts, new AbortController().signal);
  }

  report(alerts: readonly Alert[], signal: AbortSignal): Promise<void> {
    const documents = alerts.flatMap((alert) => {
      const text = this.sink.encode(alert);
      const { id, findingKey, activity, emittedAt } = alert;
      return text === null ? [] : [{ id, findingKey, activity, emittedAt, text }];
    });
    return this.sink.deliver(documents, signal);
  }

  /** The error that a delivery of one alert ends with. */
  async failure(): Promise<SinkError> {
    try {
      await this.deliver(numberedAlert(1));
    } catch (error) {
      if (error instanceof SinkError) return error;
      throw error;
    }
    throw new Error('Expected a SinkError: the delivery was taken');
  }

  check(): Promise<string> {
    return this.sink.check(new AbortController().signal);
  }

  /** What a client reads from the collection. */
  async read(): Promise<readonly StixObject[]> {
    const url = `${this.taxii.server.apiRootUrl}collections/${inbox}/objects/?limit=1000&match%5Bversion%5D=all`;
    const response = await fetch(url, { headers: { accept: 'application/taxii+json;version=2.1' } });
    return ((await response.json()) as { readonly objects?: readonly StixObject[] }).objects ?? [];
  }

  /** How many requests of a kind the server saw. */
  count(resource: string): number {
    return this.taxii.server.requests.filter((request) => request.resource === resource).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.taxii[Symbol.asyncDispose]();
  }
}
