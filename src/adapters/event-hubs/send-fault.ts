import { faultOf, isRefusal, unfold, type Fault } from './source-error.ts';

/** What an answer of the service means to a sender. */
export type SendFaultCode = 'unauthorized' | 'not_found' | 'rate_limited' | 'unavailable' | 'refused' | 'too_large';

export interface SendFault {
  readonly code: SendFaultCode;
  /** What the service answered. */
  readonly text: string;
  /** The pause that a throttled namespace asks for, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** learn.microsoft.com/azure/event-hubs/event-hubs-amqp-troubleshoot */
const codes: Readonly<Record<string, SendFaultCode>> = {
  MessagingEntityNotFoundError: 'not_found',
  ServerBusyError: 'rate_limited',
  QuotaExceededError: 'rate_limited',
  MessageTooLargeError: 'too_large',
  ArgumentError: 'refused',
  ArgumentOutOfRangeError: 'refused',
};

function codeOf(fault: Fault): SendFaultCode {
  if (isRefusal(fault)) return 'unauthorized';
  if (fault.code === 'ServiceCommunicationError' && /could not be found/i.test(fault.text)) return 'not_found';
  return codes[fault.code] ?? 'unavailable';
}

/** The pause that a throttled namespace asks for in its text: "Please wait 4 seconds and try again." */
function askedPauseMs(text: string): number | undefined {
  const seconds = /wait (\d{1,6}) seconds?/i.exec(text)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

/** Reads an error of a send. Of several attempts, what an operator can mend tells more than a time-out beside it. */
export function sendFault(error: unknown): SendFault {
  const judged = unfold(error)
    .map(faultOf)
    .map((fault) => ({ fault, code: codeOf(fault) }));
  const { fault, code } = judged.find((each) => each.code !== 'unavailable') ??
    judged.at(-1) ?? { fault: null, code: 'unavailable' as const };
  const text = [fault?.code ?? '', fault?.text ?? ''].filter((part) => part !== '').join(': ');
  const retryAfterMs = code === 'rate_limited' ? askedPauseMs(text) : undefined;
  return { code, text, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
