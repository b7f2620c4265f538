import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { TokenCredential } from '@azure/identity';
import { formatSentinel } from '../../core/alert/format/sentinel.ts';
import { PartialDelivery } from '../../core/alert/partial-delivery.ts';
import { SinkError } from '../../core/alert/sink-error.ts';
import type { AlertSink, Clock, SinkDocument } from '../../core/ports.ts';
import { answerError, type IngestionTarget } from './answer-error.ts';

const compress = promisify(gzip);

/** The newest version of the API; learn.microsoft.com/rest/api/monitor/data-collection. */
const apiVersion = '2023-01-01';

/** Most bytes of a request before compression; learn.microsoft.com/azure/azure-monitor/service-limits. */
const requestBytesMax = 1_000_000;
const batchMax = 1000;
/** What the JSON list adds to its rows: brackets, and a comma a row. */
const rowsBytesMax = requestBytesMax - batchMax - 2;

/** How long an answer may take. */
const answerMs = 30_000;

/** How much of a refusal is told. */
const toldMax = 1000;

export interface SentinelSinkSettings extends IngestionTarget {
  /** Whom tokens are for: another one in sovereign clouds. */
  readonly audience: string;
}

/**
 * Sends alerts as rows of a custom table through the Logs Ingestion API. The service has no way to tell a row that it is
 * given twice: the analytics rule under deploy/sentinel takes each VendorOriginalId once.
 */
export class SentinelAlertSink implements AlertSink {
  readonly name: string;
  readonly limits = { batchMax, batchBytesMax: rowsBytesMax, documentBytesMax: rowsBytesMax };
  readonly encode = formatSentinel;
  readonly #settings: SentinelSinkSettings;
  readonly #credential: Pick<TokenCredential, 'getToken'>;
  readonly #clock: Clock;
  readonly #partial = new PartialDelivery();
  #line: Promise<void> = Promise.resolve();

  constructor(settings: SentinelSinkSettings, credential: Pick<TokenCredential, 'getToken'>, clock: Clock) {
    this.name = settings.name;
    this.#settings = settings;
    this.#credential = credential;
    this.#clock = clock;
  }

  deliver(documents: readonly SinkDocument[], signal: AbortSignal): Promise<void> {
    const work = this.#line.then(() => this.#deliver(documents, signal));
    this.#line = work.catch(() => undefined);
    return work;
  }

  /**
   * Gets a token and posts a list without rows: token, rule, stream and right to send are judged before the rows, and
   * what the API says of none (it does not document it) is no failure.
   */
  async check(signal: AbortSignal): Promise<string> {
    const { ruleId, stream } = this.#settings;
    try {
      await this.#send('[]', signal);
    } catch (error) {
      if (!(error instanceof SinkError) || error.code !== 'refused') throw error;
    }
    return `rule ${ruleId} takes rows of stream ${stream}`;
  }

  /** Waits for the deliveries under way. */
  close(): Promise<void> {
    return this.#line;
  }

  async #deliver(documents: readonly SinkDocument[], signal: AbortSignal): Promise<void> {
    for (const rows of requestsOf(this.#partial.remaining(documents))) {
      await this.#send(`[${rows.map(({ text }) => text).join(',')}]`, signal);
      this.#partial.took(rows);
    }
    this.#partial.completed(documents);
  }

  async #send(body: string, signal: AbortSignal): Promise<void> {
    const due = AbortSignal.any([signal, AbortSignal.timeout(answerMs)]);
    const token = await this.#token(due);
    const { endpoint, ruleId, stream } = this.#settings;
    const path = `dataCollectionRules/${encodeURIComponent(ruleId)}/streams/${encodeURIComponent(stream)}`;
    try {
      const response = await fetch(`${endpoint.replace(/\/+$/, '')}/${path}?api-version=${apiVersion}`, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'content-encoding': 'gzip',
        },
        body: new Uint8Array(await compress(body)),
        signal: due,
      });
      const text = (await response.text()).slice(0, toldMax);
      if (response.ok) return;
      throw answerError(
        { status: response.status, headers: response.headers, text },
        this.#settings,
        this.#clock.now(),
      );
    } catch (error) {
      if (error instanceof SinkError) throw error;
      throw new SinkError(
        'unavailable',
        `Cannot send alerts of sink ${this.name} to Microsoft Sentinel as the endpoint ${endpoint} did not answer: check endpoint and the network; the client said: ${reasonOf(error)}`,
        { cause: error },
      );
    }
  }

  async #token(signal: AbortSignal): Promise<string> {
    const scope = `${this.#settings.audience.replace(/\/+$/, '')}/.default`;
    try {
      const got = await this.#credential.getToken(scope, { abortSignal: signal });
      if (got !== null) return got.token;
    } catch (error) {
      throw this.#noToken(scope, reasonOf(error), error);
    }
    throw this.#noToken(scope, 'no token', null);
  }

  #noToken(scope: string, reason: string, cause: unknown): SinkError {
    const message = `Cannot send alerts of sink ${this.name} to Microsoft Sentinel as there is no token for ${scope}: check the identity of the process; the client said: ${reason}`;
    return new SinkError('unauthorized', message, { cause });
  }
}

/** Documents in their order, cut into requests that the service takes. */
function requestsOf(documents: readonly SinkDocument[]): readonly SinkDocument[][] {
  const requests: { readonly rows: SinkDocument[]; bytes: number }[] = [];
  for (const document of documents) {
    const bytes = Buffer.byteLength(document.text);
    const last = requests.at(-1);
    if (last !== undefined && last.rows.length < batchMax && last.bytes + bytes <= rowsBytesMax) {
      last.rows.push(document);
      last.bytes += bytes;
    } else requests.push({ rows: [document], bytes });
  }
  return requests.map(({ rows }) => rows);
}

/** What went wrong: fetch says "fetch failed" and keeps the rest in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.message}${cause}`;
}
