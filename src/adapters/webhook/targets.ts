import type { MediaFormat } from '../../core/alert/format/alert-format.ts';
import { formatAlertmanager, joinAlertmanager, remindAlertmanager } from '../../core/alert/preset/alertmanager.ts';
import { formatPagerduty } from '../../core/alert/preset/pagerduty.ts';
import { formatSlack } from '../../core/alert/preset/slack.ts';
import { formatTeams } from '../../core/alert/preset/teams.ts';
import type { SinkErrorCode } from '../../core/alert/sink-error.ts';
import { type SinkDocument, unlimitedBytes } from '../../core/ports.ts';
import type { HttpAnswer } from './http-post.ts';
import type { HttpTarget } from './http-sink.ts';
import { signatureHeaders } from './signature.ts';

/** One alert a request, which needs nothing but its text. */
const plain = {
  limits: { batchMax: 1, ...unlimitedBytes },
  contentType: 'application/json',
  bodyOf: (documents: readonly SinkDocument[]) => documents.map(({ text }) => text).join(''),
  headersOf: () => ({}),
  meaningOf: () => undefined,
  gapMs: 0,
  secrets: [],
} satisfies Partial<HttpTarget>;

/** A receiver of Standard Webhooks. */
export function webhookTarget({ render, contentType }: MediaFormat, secrets: readonly string[]): HttpTarget {
  return {
    ...plain,
    encode: render,
    contentType,
    secrets,
    headersOf: ([document], body, nowMs) => signatureHeaders(secrets, document?.id ?? '', nowMs, body),
  };
}

/** An incoming webhook of Slack: one message a second and channel, then 429 with Retry-After in seconds. */
export function slackTarget(): HttpTarget {
  return { ...plain, encode: formatSlack, gapMs: 1000 };
}

/** Teams takes messages of 28 KB. */
const teamsBytesMax = 28 * 1024;

/** A Teams workflow. One that answers 200 may still tell of a failure: of Teams behind it, with its status. */
export function teamsTarget(): HttpTarget {
  const limits = { batchMax: 1, batchBytesMax: teamsBytesMax, documentBytesMax: teamsBytesMax };
  return { ...plain, limits, encode: formatTeams, meaningOf: teamsMeaning };
}

function teamsMeaning({ status, text }: HttpAnswer): SinkErrorCode | undefined {
  if (status !== 200 || !/delivery failed|returned HTTP error/i.test(text)) return undefined;
  const inner = /HTTP error (\d{3})/i.exec(text)?.[1];
  return inner === '429' ? 'rate_limited' : inner === '413' ? 'too_large' : 'unavailable';
}

/** PagerDuty takes events of 512 KB; 1 KB is left for the routing key. */
const pagerdutyBytesMax = 511 * 1024;

/** Events API v2 of PagerDuty: 202 when it was taken. */
export function pagerdutyTarget(routingKey: string): HttpTarget {
  return {
    ...plain,
    limits: { batchMax: 1, batchBytesMax: pagerdutyBytesMax, documentBytesMax: pagerdutyBytesMax },
    encode: formatPagerduty,
    secrets: [routingKey],
    // Added here, so that the documents of a sink hold no secret.
    bodyOf: ([document]) => `{"routing_key":${JSON.stringify(routingKey)},${document?.text.slice(1) ?? '}'}`,
  };
}

/** Alertmanager's API v2, which takes many alerts at once and forgets them when it restarts. */
export function alertmanagerTarget(remindMs: number): HttpTarget {
  return {
    ...plain,
    limits: { batchMax: 50, batchBytesMax: 4 * 1024 ** 2, documentBytesMax: Number.POSITIVE_INFINITY },
    encode: formatAlertmanager,
    bodyOf: (documents) => joinAlertmanager(documents.map(({ text }) => text)),
    readPath: './status',
    reminder: { everyMs: remindMs, encode: remindAlertmanager },
  };
}
