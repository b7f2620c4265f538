import type { TargetProtocol, TargetStep } from './alert-target.ts';

/**
 * How each service answers, as far as its documentation says it: what it takes, its limits, its errors. A request to
 * another path is 404.
 */

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function at(path: string, protocol: (body: Record<string, unknown>, text: string) => TargetStep): TargetProtocol {
  return (request) => {
    if (request.path !== path) return { status: 404, text: 'not found' };
    const body = parsed(request.body);
    if (typeof body !== 'object' || body === null) return { status: 400, text: 'invalid_payload' };
    if (request.headers['content-type'] !== 'application/json') return { status: 415 };
    return protocol(body as Record<string, unknown>, request.body);
  };
}

interface SlackBlock {
  readonly type: string;
  readonly text?: { readonly type: string; readonly text: string };
  readonly elements?: readonly { readonly elements: readonly { readonly type: string; readonly url?: string }[] }[];
}

/** https://docs.slack.dev/reference/block-kit/blocks/rich-text-block */
function isRichText({ elements = [] }: SlackBlock): boolean {
  const parts = elements.flatMap((section) => section.elements);
  return (
    parts.length > 0 && parts.every(({ type, url = '' }) => type === 'text' || (type === 'link' && URL.canParse(url)))
  );
}

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export const slackPath = '/services/T000/B000/secretpart';
export const slack = at(slackPath, ({ text, blocks }) => {
  const list = blocks as readonly SlackBlock[];
  if (typeof text !== 'string') return { status: 400, text: 'no_text' };
  const isWhole = list.every((block) => {
    if (block.type === 'rich_text') return isRichText(block);
    const { type, text: shown } = block;
    const length = shown?.text.length ?? 0;
    return length > 0 && length <= (type === 'header' ? 150 : 3000);
  });
  return list.length <= 50 && isWhole ? { text: 'ok' } : { status: 400, text: 'invalid_blocks' };
});

/** A workflow that begins "When a Teams webhook request is received". */
export const teamsPath = '/workflows/abc/triggers/manual/paths/invoke?sig=secretpart';
export const teams = at(teamsPath, ({ type, attachments }, text) => {
  if (Buffer.byteLength(text) > 28 * 1024) return { status: 413, text: 'RequestEntityTooLarge' };
  const [card] = attachments as readonly { contentType: string; content: { type: string; version: string } }[];
  const isCard = card?.contentType === 'application/vnd.microsoft.card.adaptive' && card.content.version === '1.4';
  return type === 'message' && isCard ? { status: 202 } : { status: 400, text: 'TriggerInputSchemaMismatch' };
});

/** https://developer.pagerduty.com/docs/send-alert-event */
export const pagerdutyPath = '/v2/enqueue';
export const pagerdutyKey = '0123456789abcdef0123456789abcdef';
export const pagerduty = at(pagerdutyPath, (event, text) => {
  const problems = [
    ...(event['routing_key'] === pagerdutyKey ? [] : ["'routing_key' is invalid"]),
    ...(['trigger', 'resolve'].includes(String(event['event_action'])) ? [] : ["'event_action' is invalid"]),
    ...(String(event['dedup_key']).length <= 255 ? [] : ["'dedup_key' is too long"]),
    ...(event['event_action'] === 'trigger' && !isPayload(event['payload']) ? ["'payload' is invalid"] : []),
  ];
  if (Buffer.byteLength(text) > 512 * 1024) return { status: 413 };
  const refused = { status: 'invalid event', message: 'Event object is invalid', errors: problems };
  if (problems.length > 0) return { status: 400, text: JSON.stringify(refused) };
  return {
    status: 202,
    text: JSON.stringify({ status: 'success', message: 'Event processed', dedup_key: event['dedup_key'] }),
  };
});

function isPayload(value: unknown): boolean {
  const { summary, source, severity } = value as Record<string, unknown>;
  const isSummary = typeof summary === 'string' && summary.length > 0 && summary.length <= 1024;
  return isSummary && typeof source === 'string' && ['critical', 'error', 'warning', 'info'].includes(String(severity));
}

interface PostedAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
}

/** https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml, with the checks of types.Alert.Validate. */
export const alertmanagerPath = '/prefix/api/v2/alerts';
export const alertmanager = at(alertmanagerPath, (body) => {
  if (!Array.isArray(body)) return { status: 400, text: '"parsing alerts body failed"' };
  const wrong = (body as PostedAlert[]).filter(
    ({ labels, startsAt, endsAt }) =>
      labels['alertname'] === undefined || !(Date.parse(startsAt) <= Date.parse(endsAt)),
  );
  return wrong.length === 0 ? {} : { status: 400, text: '"start time must be before end time"' };
});
