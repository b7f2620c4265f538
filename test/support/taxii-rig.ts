import { createTaxiiFeed, type TaxiiDeps } from '../../src/adapters/taxii/feed.ts';
import type { TaxiiLimits, TaxiiSettings } from '../../src/adapters/taxii/settings.ts';
import { FeedError } from '../../src/core/feed-error.ts';
import type { StixObject } from '../../src/core/intel/stix-object.ts';
import type { IndicatorFeed } from '../../src/core/ports.ts';
import { TaxiiServer, type TaxiiServerOptions } from '../../src/dev/taxii-server/server.ts';
import { wholeOf, type WholeUpdate } from './feed-updates.ts';
import { MemoryLog } from './memory-log.ts';
import { SteppingClock } from './stepping-clock.ts';

export const START_MS = Date.parse('2024-05-01T12:00:00Z');
export const COLLECTION = 'b8a4e5a0-1111-4222-8333-444455556666';

export interface TaxiiRigOptions {
  readonly objects?: readonly StixObject[];
  readonly server?: Partial<TaxiiServerOptions>;
  readonly settings?: Partial<TaxiiSettings>;
  readonly limits?: Partial<TaxiiLimits>;
  /** Of the feed's URL; that of discovery in TAXII 2.1 when absent. */
  readonly path?: string;
}

/** A server with one collection and a feed on it; both live by the same clock. */
export class TaxiiRig {
  readonly server: TaxiiServer;
  readonly clock: SteppingClock;
  readonly log = new MemoryLog();
  readonly settings: TaxiiSettings;
  readonly deps: TaxiiDeps;
  readonly feed: IndicatorFeed;

  private constructor(server: TaxiiServer, clock: SteppingClock, options: TaxiiRigOptions) {
    this.server = server;
    this.clock = clock;
    this.settings = {
      name: 'rig',
      url: `${server.origin}${options.path ?? '/taxii2/'}`,
      collection: COLLECTION,
      auth: { type: 'none' },
      version: null,
      certificate: null,
      ca: null,
      limit: 1000,
      allowHttp: false,
      matchTypes: [],
      resyncMs: 24 * 3_600_000,
      ...options.settings,
    };
    this.deps = { clock, log: this.log, ...(options.limits === undefined ? {} : { limits: options.limits }) };
    this.feed = createTaxiiFeed(this.settings, this.deps);
  }

  static async start(options: TaxiiRigOptions = {}): Promise<TaxiiRig> {
    const clock = new SteppingClock(START_MS);
    const collection = { id: COLLECTION, title: 'High confidence', alias: 'high', objects: options.objects ?? [] };
    const server = await TaxiiServer.start({ now: () => clock.now(), collections: [collection], ...options.server });
    return new TaxiiRig(server, clock, options);
  }

  /** A feed as after a restart of the process. */
  reopened(changes: Partial<TaxiiSettings> = {}): IndicatorFeed {
    return createTaxiiFeed({ ...this.settings, ...changes }, this.deps);
  }

  poll(cursor: string | null = null): Promise<WholeUpdate> {
    return wholeOf(this.feed.poll(cursor, new AbortController().signal));
  }

  /** The error that a poll ends with. */
  async failure(cursor: string | null = null): Promise<FeedError> {
    return await feedErrorOf(this.poll(cursor));
  }

  /** Requests for objects, oldest first. */
  pageRequests(): URLSearchParams[] {
    return this.server.requests.filter(({ resource }) => resource === 'objects').map(({ query }) => query);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.stop();
  }
}

/** The FeedError that a promise is rejected with; anything else is thrown on. */
export async function feedErrorOf(promise: Promise<unknown>): Promise<FeedError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof FeedError) return error;
    throw error;
  }
  throw new Error('Expected a FeedError: the promise was fulfilled');
}
