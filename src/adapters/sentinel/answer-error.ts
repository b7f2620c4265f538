import { readRetryAfter } from '../../core/retry-after.ts';
import { SinkError, type SinkErrorCode } from '../../core/alert/sink-error.ts';

/** What the ingestion endpoint answered. */
export interface IngestionAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The beginning of the body. */
  readonly text: string;
}

/** Names what was asked, for messages. */
export interface IngestionTarget {
  readonly name: string;
  readonly endpoint: string;
  readonly ruleId: string;
  readonly stream: string;
}

/** learn.microsoft.com/azure/azure-monitor/logs/logs-ingestion-api-overview: a stream that the rule lacks is a 400. */
function codeOf({ status, text }: IngestionAnswer): SinkErrorCode {
  switch (status) {
    case 401:
    case 403:
      return 'unauthorized';
    case 404:
      return 'not_found';
    case 413:
      return 'too_large';
    case 429:
      return 'rate_limited';
    case 400:
      return /InvalidStream|InvalidDcr|InvalidRule/i.test(text) ? 'not_found' : 'refused';
    default:
      return status === 422 ? 'refused' : 'unavailable';
  }
}

function mendOf(code: SinkErrorCode, { endpoint, ruleId, stream }: IngestionTarget): string {
  switch (code) {
    case 'unauthorized':
      return `as the identity was refused: give it the role Monitoring Metrics Publisher on the rule ${ruleId}`;
    case 'not_found':
      return `as the endpoint ${endpoint} knows no rule ${ruleId} with the stream ${stream}: check endpoint, ruleId and stream`;
    case 'rate_limited':
      return 'as the rule takes no more at this rate: alerts wait';
    case 'too_large':
      return 'as the request is larger than the endpoint takes';
    case 'refused':
      return `as the endpoint refused the rows: check that the stream ${stream} has the columns of deploy/sentinel`;
    default:
      return `as the endpoint ${endpoint} did not take them`;
  }
}

/** What an answer other than a success means to delivery. */
export function answerError(answer: IngestionAnswer, target: IngestionTarget, nowMs: number): SinkError {
  const code = codeOf(answer);
  const message = `Cannot send alerts of sink ${target.name} to Microsoft Sentinel ${mendOf(code, target)}; the service said: ${answer.status} ${answer.text}`;
  const retryAfterMs = readRetryAfter(answer.headers, nowMs);
  return new SinkError(code, message.trimEnd(), retryAfterMs === undefined ? {} : { retryAfterMs });
}
