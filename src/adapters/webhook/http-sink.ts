import type { AlertFormat } from '../../core/alert/format/alert-format.ts';
import { SinkError, type SinkErrorCode } from '../../core/alert/sink-error.ts';
import type { AlertSink, Clock, RealTime, Reminder, SinkDocument, SinkLimits } from '../../core/ports.ts';
import { answerError } from './answer-error.ts';
import { InternalTargetError, type Resolver, systemResolver } from './guarded-lookup.ts';
import { type HttpAnswer, HttpPost } from './http-post.ts';

export interface HttpSettings {
  readonly name: string;
  /** A secret at many services: never shown. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly allowPrivate: boolean;
  /** How long one request may take, until its whole answer is there. */
  readonly timeoutMs: number;
}

/** What one service makes of an alert, and how it answers. */
export interface HttpTarget {
  readonly limits: SinkLimits;
  readonly encode: AlertFormat;
  readonly contentType: string;
  /** The body of one request. */
  readonly bodyOf: (documents: readonly SinkDocument[]) => string;
  /** Headers that hang on the request. */
  readonly headersOf: (
    documents: readonly SinkDocument[],
    body: string,
    nowMs: number,
  ) => Readonly<Record<string, string>>;
  /** A failure that the service tells in its own way; undefined leaves it to the status. */
  readonly meaningOf: (answer: HttpAnswer) => SinkErrorCode | undefined;
  /** Least distance of two requests. */
  readonly gapMs: number;
  readonly secrets: readonly string[];
  readonly reminder?: Reminder;
  /** A path beside its own that can be read and tells whether the service is there; "./" begins at its own. */
  readonly readPath?: string;
}

export interface HttpSinkDeps {
  readonly clock: Clock;
  readonly realTime: RealTime;
  readonly resolve?: Resolver;
}

/** Sends alerts to a service by HTTP POST. */
export class HttpSink implements AlertSink {
  readonly name: string;
  readonly limits: SinkLimits;
  readonly encode: AlertFormat;
  readonly reminder?: Reminder;
  readonly #settings: HttpSettings;
  readonly #target: HttpTarget;
  readonly #deps: HttpSinkDeps;
  readonly #post: HttpPost;
  readonly #place: string;
  #line: Promise<void> = Promise.resolve();
  #nextMs = Number.NEGATIVE_INFINITY;

  constructor(settings: HttpSettings, target: HttpTarget, deps: HttpSinkDeps) {
    const url = new URL(settings.url);
    this.name = settings.name;
    this.limits = target.limits;
    this.encode = target.encode;
    if (target.reminder !== undefined) this.reminder = target.reminder;
    this.#settings = settings;
    this.#target = target;
    this.#deps = deps;
    this.#post = new HttpPost(url, settings.allowPrivate, deps.resolve ?? systemResolver);
    this.#place = `sink ${settings.name} at ${url.host}`;
  }

  deliver(documents: readonly SinkDocument[], signal: AbortSignal): Promise<void> {
    const work = this.#line.then(() => this.#deliver(documents, signal));
    this.#line = work.catch(() => undefined);
    return work;
  }

  /** Reads what the service lets be read, or only connects: there is no request that posts nothing. */
  async check(signal: AbortSignal): Promise<string> {
    const { readPath } = this.#target;
    const { host } = new URL(this.#settings.url);
    if (readPath === undefined) {
      await this.#within(signal, (due) => this.#post.connect(due));
      return `${host} can be connected to; nothing was posted`;
    }
    const headers = { 'user-agent': 'tidewatch', ...this.#settings.headers };
    this.#refuse(await this.#within(signal, (due) => this.#post.read(readPath, headers, due)));
    return `${host} answers`;
  }

  /** Waits for the deliveries under way and closes what is connected. */
  async close(): Promise<void> {
    await this.#line;
    this.#post.close();
  }

  async #deliver(documents: readonly SinkDocument[], signal: AbortSignal): Promise<void> {
    const { batchMax } = this.limits;
    for (let at = 0; at < documents.length; at += batchMax)
      await this.#send(documents.slice(at, at + batchMax), signal);
  }

  async #send(documents: readonly SinkDocument[], signal: AbortSignal): Promise<void> {
    const { clock, realTime } = this.#deps;
    const { contentType, gapMs } = this.#target;
    await realTime.delay(this.#nextMs - realTime.nowMs(), signal);
    const body = this.#target.bodyOf(documents);
    const headers = {
      'user-agent': 'tidewatch',
      ...this.#settings.headers,
      'content-type': contentType,
      ...this.#target.headersOf(documents, body, clock.now()),
    };
    const answer = await this.#within(signal, (due) => this.#post.send(headers, body, due));
    this.#nextMs = realTime.nowMs() + gapMs;
    this.#refuse(answer);
  }

  /** Throws what an answer means when it is no success. */
  #refuse(answer: HttpAnswer): void {
    const { secrets } = this.#target;
    const { clock } = this.#deps;
    const known = [this.#settings.url, ...secrets, ...Object.values(this.#settings.headers)];
    const hidden = known.filter((text) => text.length >= 4);
    const error = answerError(answer, this.#place, clock.now(), this.#target.meaningOf, hidden);
    if (error !== null) throw error;
  }

  async #within<Result>(signal: AbortSignal, ask: (due: AbortSignal) => Promise<Result>): Promise<Result> {
    const { timeoutMs } = this.#settings;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      return await ask(AbortSignal.any([signal, timeout]));
    } catch (cause) {
      const seen =
        timeout.aborted && !signal.aborted ? `it gave no whole answer within ${timeoutMs} ms` : reasonOf(cause);
      const isInternal = cause instanceof InternalTargetError;
      const mend = isInternal ? ' of the sink in SINKS' : ': check its url in SINKS and the network';
      throw new SinkError('unavailable', `Cannot deliver to ${this.#place} as ${seen}${mend}`, { cause });
    }
  }
}

/** The reason of a failed connection; several addresses that all failed have no message of their own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  if (!(error instanceof Error)) return String(error);
  return error.message === '' ? error.name : error.message;
}
