import { SinkError } from '../../core/alert/sink-error.ts';
import type { EventHubStream } from './connection.ts';
import { sendFault, type SendFaultCode } from './send-fault.ts';

function mendOf(code: SendFaultCode, { hubOption, connectionOption }: EventHubStream): string {
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
    case 'unavailable':
      return `as Event Hubs did not answer: check ${connectionOption} and the network`;
  }
}

/** What a failed send means to delivery: with the text the service answered, and the option that mends it. */
export function eventHubSinkError(error: unknown, sink: string, stream: EventHubStream): SinkError {
  if (error instanceof SinkError) return error;
  const { code, text, ...pause } = sendFault(error);
  const message = `Cannot send alerts of sink ${sink} to hub ${stream.name} ${mendOf(code, stream)}; the service said: ${text}`;
  return new SinkError(code, message, { cause: error, ...pause });
}
