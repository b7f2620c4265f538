import type { JsonFields } from './json-fields.ts';

export interface SentinelSinkMembers {
  readonly type: 'sentinel';
  /** The logs ingestion URL of a data collection endpoint, or of a rule that has one of its own. */
  readonly endpoint: string;
  /** The immutable id of the data collection rule. */
  readonly ruleId: string;
  readonly stream: string;
  readonly audience: string;
}

/** Reads the members of a sink of type sentinel. Its rows have a form of their own. */
export function readSentinelSink(fields: JsonFields): SentinelSinkMembers {
  if (fields.has('format')) {
    fields.problem('format', 'must be absent: the columns of the table are fixed', fields.value('format'));
  }
  return {
    type: 'sentinel',
    endpoint: fields.text(
      'endpoint',
      'an https URL without a query such as https://name.westeurope-1.ingest.monitor.azure.com',
      isEndpoint,
    ),
    ruleId: fields.text('ruleId', 'the immutable id of a data collection rule such as dcr-0123abcd', (text) =>
      /^dcr-[0-9a-z]+$/i.test(text),
    ),
    stream: fields.read(
      'stream',
      'the name of a stream such as Custom-TidewatchAlerts_CL',
      'Custom-TidewatchAlerts_CL',
      (value) => (typeof value === 'string' && /^Custom-\w{1,100}$/.test(value) ? value : undefined),
    ),
    audience: fields.read(
      'audience',
      'an https URL such as https://monitor.azure.com',
      'https://monitor.azure.com',
      (value) => (typeof value === 'string' && isHttps(value) ? value : undefined),
    ),
  };
}

function isHttps(text: string): boolean {
  return URL.canParse(text) && new URL(text).protocol === 'https:';
}

/** Tokens go there, so only over TLS, or to this machine. */
function isEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, search, hash } = new URL(text);
  const isLocal = protocol === 'http:' && (hostname === 'localhost' || /^127(\.\d{1,3}){3}$/.test(hostname));
  return (protocol === 'https:' || isLocal) && search === '' && hash === '';
}
