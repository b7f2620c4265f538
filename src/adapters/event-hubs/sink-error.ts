import { SinkError, type SinkErrorCode } from '../../core/alert/sink-error.ts';
import type { EventHubStream } from './connection.ts';
import { faultOf, isRefusal, unfold, type Fault } from './source-error.ts';

/** What each answer of the service means to a sender; learn.microsoft.com/azure/event-hubs/event-hubs-amqp-troubleshoot. */
const codes: Readonly<Record<string, SinkErrorCode>> = {
  MessagingEntityNotFoundError: 'not_found',
  ServerBusyError: 'rate_limited',
  QuotaExceededError: 'rate_limited',
  MessageTooLargeError: 'too_large',
  ArgumentError: 'refused',
  ArgumentOutOfRangeError: 'refused',
};

function codeOf(fault: Fault): SinkErrorCode {
  if (isRefusal(fault)) return 'unauthorized';
  if (fault.code === 'ServiceCommunicationError' && /could not be found/i.test(fault.text)) return 'not_found';
  return codes[fault.code] ?? 'unavailable';
}

/** The pause that a throttled namespace asks for in its text: "Please wait 4 seconds and try again." */
function askedPauseMs(text: string): number | undefined {
  const seconds = /wait (\d{1,6}) seconds?/i.exec(text)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

function mendOf(code: SinkErrorCode, { hubOption, connectionOption }: EventHubStream): string {
  switch (code) {
    case 'unauthorized':
      return `as the credentials were refused: check ${connectionOption}, which needs the right to send`;
    case 'not_found':
      return `as the namespace has no such hub: create it or set ${hubOption}`;
    case 'rate_limited':
      return 'as the namespace takes no more at this rate: alerts wait, or give it more throughput units';
    case 'too_large':
      return 'as the hub takes no event of this size';
    case 'refused':
      return 'as the hub refused it';
    default:
      return `as Event Hubs did not answer: check ${connectionOption} and the network`;
  }
}

/** What a failed send means to delivery: with the text the service answered, and the option that mends it. */
export function eventHubSinkError(error: unknown, sink: string, stream: EventHubStream): SinkError {
  if (error instanceof SinkError) return error;
  const faults = unfold(error).map(faultOf);
  const judged = faults.map((fault) => ({ fault, code: codeOf(fault) }));
  // Of several attempts, what an operator can mend tells more than a time-out beside it.
  const { fault, code } = judged.find((each) => each.code !== 'unavailable') ??
    judged.at(-1) ?? { fault: null, code: 'unavailable' as const };
  const text = [fault?.code ?? '', fault?.text ?? ''].filter((part) => part !== '').join(': ');
  const message = `Cannot send alerts of sink ${sink} to hub ${stream.name} ${mendOf(code, stream)}; the service said: ${text}`;
  const retryAfterMs = code === 'rate_limited' ? askedPauseMs(text) : undefined;
  return new SinkError(code, message, { cause: error, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
}
