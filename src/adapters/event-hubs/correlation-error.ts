import { CorrelationError, type CorrelationErrorCode } from '../../core/correlation-sender.ts';
import type { SourceErrorCode } from '../../core/source-error-code.ts';
import type { EventHubStream } from './connection.ts';
import { sendFault, type SendFaultCode } from './send-fault.ts';
import { sourceError } from './source-error.ts';

const sendCodes: Readonly<Record<SendFaultCode, CorrelationErrorCode>> = {
  unauthorized: 'unauthorized',
  not_found: 'not_found',
  rate_limited: 'throttled',
  unavailable: 'unreachable',
  refused: 'refused',
  too_large: 'too_large',
};

const readCodes: Partial<Record<SourceErrorCode, CorrelationErrorCode>> = {
  unauthorized: 'unauthorized',
  hub_not_found: 'not_found',
};

/** An event that the hub would refuse for its size, whatever is tried. */
export function tooLarge({ name, hubOption }: EventHubStream, bytes: number, bytesMax: number): CorrelationError {
  return new CorrelationError(
    'too_large',
    `Cannot send to hub ${name} of ${hubOption} as an event must fit into ${bytesMax} bytes: current value is ${bytes}`,
  );
}

/** A call that its caller ended, or that came when the sender was closed. */
export function aborted({ name, hubOption }: EventHubStream, cause: unknown): CorrelationError {
  return new CorrelationError('aborted', `Cannot go on with hub ${name} of ${hubOption} as the call was ended`, {
    cause,
  });
}

/** What a failed send means: with the text the service answered, and the option that mends it. */
export function correlationSendError(error: unknown, partition: string, stream: EventHubStream): CorrelationError {
  if (error instanceof CorrelationError) return error;
  const { code, text, ...pause } = sendFault(error);
  const place = `partition ${partition} of hub ${stream.name}`;
  const message = `Cannot send to ${place} ${mendOf(code, stream)}; the service said: ${text}`;
  return new CorrelationError(sendCodes[code], message, { cause: error, ...pause });
}

/** What a failed read of the hub means. */
export function correlationReadError(error: unknown, stream: EventHubStream): CorrelationError {
  if (error instanceof CorrelationError) return error;
  const context = { attempt: 'read-hub', stream, consumerGroup: '', partition: null } as const;
  const { code, message } = sourceError(error, context, 0);
  return new CorrelationError(readCodes[code] ?? 'unreachable', message, { cause: error });
}

function mendOf(code: SendFaultCode, { hubOption, connectionOption }: EventHubStream): string {
  switch (code) {
    case 'unauthorized':
      return `as the credentials were refused: check ${connectionOption}, which needs the right to send`;
    case 'not_found':
      return `as the namespace has no such hub: create it or set ${hubOption}`;
    case 'rate_limited':
      return 'as the namespace takes no more at this rate: reading waits, or give it more throughput units';
    case 'too_large':
      return 'as the hub takes no event of this size';
    case 'refused':
      return `as the hub refused it: ${hubOption} may have other partitions than before`;
    case 'unavailable':
      return `as Event Hubs did not answer: check ${connectionOption} and the network`;
  }
}
