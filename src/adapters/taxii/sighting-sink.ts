import type { Alert } from '../../core/alert/alert.ts';
import { sightingsOf, type SightingPolicy } from '../../core/alert/stix-sighting.ts';
import { SinkError, type SinkErrorCode } from '../../core/alert/sink-error.ts';
import { FeedError } from '../../core/feed-error.ts';
import { type AlertSink, type Clock, type RealTime, type SinkDocument, unlimitedBytes } from '../../core/ports.ts';
import { TokenBucket } from '../../core/token-bucket.ts';
import { RefusedObjectsError } from './answer-error.ts';
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
 * rate waits.
 */
export class SightingSink implements AlertSink {
  readonly name: string;
  readonly limits: AlertSink['limits'];
  readonly #policy: SightingPolicy;
  readonly #envelopeMax: number;
  readonly #writer: ObjectWriter;
  readonly #realTime: RealTime;
  readonly #bucket: TokenBucket;

  constructor(feed: TaxiiSettings, settings: SightingSinkSettings, deps: SightingSinkDeps) {
    this.name = `sightings:${feed.name}`;
    this.#policy = { source: feed.name, tlpMax: settings.tlpMax, identity: settings.identity };
    this.#envelopeMax = Math.min(envelopeObjectsMax, settings.perMinute);
    this.limits = { batchMax: this.#envelopeMax, ...unlimitedBytes };
    this.#writer = writerOf(feed, settings, deps);
    this.#realTime = deps.realTime;
    this.#bucket = new TokenBucket(settings.perMinute, deps.realTime.nowMs());
  }

  /** The sightings of an alert, each as a line of JSON; null when there is nothing to report of it. */
  encode(alert: Alert): string | null {
    const sightings = sightingsOf(alert, this.#policy, nameUuid);
    return sightings.length === 0 ? null : sightings.map((sighting) => JSON.stringify(sighting)).join('\n');
  }

  async deliver(documents: readonly SinkDocument[], signal: AbortSignal): Promise<void> {
    try {
      await this.#report(
        documents.flatMap(({ text }) => text.split('\n')),
        signal,
      );
    } catch (cause) {
      throw cause instanceof FeedError ? sinkErrorOf(cause) : cause;
    }
  }

  /** Looks whether the collection is there and says that it can be written. */
  async check(signal: AbortSignal): Promise<string> {
    try {
      const { title } = await this.#writer.find(signal);
      return `collection ${title} can be written`;
    } catch (cause) {
      throw cause instanceof FeedError ? sinkErrorOf(cause) : cause;
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #report(sightings: readonly string[], signal: AbortSignal): Promise<void> {
    if (sightings.length === 0) return;
    const place = await this.#writer.find(signal);
    for (const envelope of this.#writer.envelopes(sightings, this.#envelopeMax, place)) {
      await this.#realTime.delay(this.#bucket.take(envelope.length, this.#realTime.nowMs()), signal);
      if (signal.aborted) throw new SinkError('unavailable', `Cannot deliver to ${this.name} as it was told to stop`);
      await this.#writer.send(envelope, signal);
    }
  }
}

const codes: Readonly<Partial<Record<FeedError['code'], SinkErrorCode>>> = {
  unauthorized: 'unauthorized',
  not_found: 'not_found',
  rate_limited: 'rate_limited',
};

/** Only what concerns the objects themselves is final: a server that answers nonsense may be mended. */
function sinkErrorOf(error: FeedError): SinkError {
  if (error instanceof RefusedObjectsError) {
    return new SinkError(error.isTooLarge ? 'too_large' : 'refused', error.message, { cause: error });
  }
  const { retryAfterMs } = error;
  const details = { cause: error, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  return new SinkError(codes[error.code] ?? 'unavailable', error.message, details);
}
