import type { Alert } from '../../core/alert/alert.ts';
import { sightingsOf, type SightingPolicy } from '../../core/alert/stix-sighting.ts';
import { FeedError } from '../../core/feed-error.ts';
import type { AlertSink, Clock, RealTime } from '../../core/ports.ts';
import { TokenBucket } from '../../core/token-bucket.ts';
import { TaxiiConnection } from './connection.ts';
import { nameUuid } from './name-uuid.ts';
import { ObjectWriter } from './object-writer.ts';
import { defaultTaxiiLimits, type TaxiiLimits, type TaxiiSettings } from './settings.ts';

/** What is reported to a feed, and where. */
export interface SightingSinkSettings extends Omit<SightingPolicy, 'source'> {
  /** Id, alias or title. */
  readonly collection: string;
  readonly perMinute: number;
}

export interface SightingSinkDeps {
  readonly clock: Clock;
  readonly realTime: RealTime;
  /** The global fetch unless given. */
  readonly fetch?: typeof fetch;
  readonly limits?: Partial<TaxiiLimits>;
}

/** Most sightings of one envelope. */
const envelopeObjectsMax = 100;

function writerOf(
  feed: TaxiiSettings,
  { collection }: SightingSinkSettings,
  { clock, realTime, fetch: given, limits: changes }: SightingSinkDeps,
): ObjectWriter {
  const limits = { ...defaultTaxiiLimits, ...changes };
  const settings: TaxiiSettings = { ...feed, collection, version: '2.1' };
  const connection = new TaxiiConnection(settings, { clock, fetch: given ?? fetch, limits }, 'report sightings to');
  return new ObjectWriter({ connection, realTime, statusMs: limits.statusMs });
}

/**
 * Reports alerts to the feed whose indicators raised them, as STIX sightings in a collection of it. A delivery over the
 * rate waits. Rejects with FeedError.
 */
export class SightingSink implements AlertSink {
  readonly name: string;
  readonly #policy: SightingPolicy;
  readonly #envelopeMax: number;
  readonly #writer: ObjectWriter;
  readonly #realTime: RealTime;
  readonly #bucket: TokenBucket;
  readonly #closing = new AbortController();

  constructor(feed: TaxiiSettings, settings: SightingSinkSettings, deps: SightingSinkDeps) {
    this.name = `sightings:${feed.name}`;
    this.#policy = { source: feed.name, tlpMax: settings.tlpMax, identity: settings.identity };
    this.#envelopeMax = Math.min(envelopeObjectsMax, settings.perMinute);
    this.#writer = writerOf(feed, settings, deps);
    this.#realTime = deps.realTime;
    this.#bucket = new TokenBucket(settings.perMinute, deps.realTime.nowMs());
  }

  /** The sightings of an alert, each as a line of JSON; null when there is nothing to report of it. */
  encode(alert: Alert): string | null {
    const sightings = sightingsOf(alert, this.#policy, nameUuid);
    return sightings.length === 0 ? null : sightings.map((sighting) => JSON.stringify(sighting)).join('\n');
  }

  deliver(documents: readonly string[]): Promise<void> {
    const encoded = documents.map((document) => this.encode(JSON.parse(document) as Alert));
    return this.report(
      encoded.filter((text) => text !== null),
      this.#closing.signal,
    );
  }

  /** Sends what encode() gave. Resolves when the feed has taken it all. */
  async report(texts: readonly string[], signal: AbortSignal): Promise<void> {
    const sightings = texts.flatMap((text) => text.split('\n'));
    if (sightings.length === 0) return;
    const place = await this.#writer.find(signal);
    for (const envelope of this.#writer.envelopes(sightings, this.#envelopeMax, place)) {
      await this.#realTime.delay(this.#bucket.take(envelope.length, this.#realTime.nowMs()), signal);
      if (signal.aborted) throw new FeedError('unreachable', `Cannot deliver to ${this.name} as it was told to stop`);
      await this.#writer.send(envelope, signal);
    }
  }

  close(): Promise<void> {
    this.#closing.abort();
    return Promise.resolve();
  }
}

export type SightingProbe =
  { readonly ok: true; readonly detail: string } | { readonly ok: false; readonly error: { readonly message: string } };

/** Looks whether the collection is there and says that it can be written; sends nothing. Never throws. */
export async function probeSightings(
  feed: TaxiiSettings,
  settings: SightingSinkSettings,
  deps: SightingSinkDeps,
  signal: AbortSignal,
): Promise<SightingProbe> {
  try {
    const { title } = await writerOf(feed, settings, deps).find(signal);
    return { ok: true, detail: `collection ${title} can be written` };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error : new Error(String(error)) };
  }
}
