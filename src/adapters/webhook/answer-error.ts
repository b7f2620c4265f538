import { readRetryAfter } from '../../core/retry-after.ts';
import { SinkError, type SinkErrorCode } from '../../core/alert/sink-error.ts';
import type { HttpAnswer } from './http-post.ts';

const toldMax = 200;

/** What an answer means, and what mends it. */
interface Meaning {
  readonly code: SinkErrorCode;
  readonly mend: string;
}

/**
 * Turns an answer into the error it stands for; null when the alert was taken.
 *
 * @param place names sink and host in messages; never the URL, which is a secret at many services.
 * @param meaningOf a service that tells of failures in its own way; undefined leaves it to the status.
 * @param secrets texts that a service might send back.
 */
export function answerError(
  answer: HttpAnswer,
  place: string,
  nowMs: number,
  meaningOf: (answer: HttpAnswer) => SinkErrorCode | undefined,
  secrets: readonly string[],
): SinkError | null {
  const own = meaningOf(answer);
  const { code, mend } = own === undefined ? meaningOfStatus(answer.status) : { code: own, mend: 'see its answer' };
  if (own === undefined && answer.status >= 200 && answer.status < 300) return null;
  const retryAfterMs = readRetryAfter(answer.headers, nowMs);
  const message = `Cannot deliver to ${place} as it answered ${answer.status}${toldBy(answer.text, secrets)}: ${mend}`;
  return new SinkError(code, message, retryAfterMs === undefined ? {} : { retryAfterMs });
}

function meaningOfStatus(status: number): Meaning {
  if (status >= 300 && status < 400) return { code: 'unavailable', mend: 'redirects are not followed, set its url' };
  switch (status) {
    case 401:
    case 403:
    case 407:
      return { code: 'unauthorized', mend: 'check its url, secrets and headers' };
    case 404:
      return { code: 'not_found', mend: 'check its url' };
    case 408:
    case 425:
      return { code: 'unavailable', mend: 'it is asked again' };
    case 410:
      return { code: 'disabled', mend: 'it is gone for good, nothing more is sent until the process starts anew' };
    case 413:
      return { code: 'too_large', mend: 'the alert is longer than it takes' };
    case 429:
      return { code: 'rate_limited', mend: 'it asks for fewer requests' };
    default:
      if (status >= 400 && status < 500) return { code: 'refused', mend: 'it does not take the alert' };
      return { code: 'unavailable', mend: 'it is asked again' };
  }
}

/** The beginning of what was answered, on one line and without secrets. */
function toldBy(text: string, secrets: readonly string[]): string {
  const clean = secrets.reduce((told, secret) => told.replaceAll(secret, '[secret]'), text);
  const line = clean.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return line === '' ? '' : ` (${line.slice(0, toldMax)})`;
}
