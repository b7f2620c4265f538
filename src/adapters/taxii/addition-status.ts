import { isObject } from './envelope.ts';

/** What became of objects that were sent: the status resource (TAXII 2.1 section 4.3.1). */
export interface AdditionStatus {
  /** "" when the server names none. */
  readonly id: string;
  readonly isComplete: boolean;
  readonly failed: number;
  readonly total: number;
  /** The first failure with what the server says of it; "" without one. */
  readonly firstFailure: string;
}

const toldLength = 200;

/** Reads a status resource; null when the body is none. */
export function readStatus(body: unknown): AdditionStatus | null {
  if (!isObject(body)) return null;
  const { id, status } = body;
  if (status !== 'complete' && status !== 'pending') return null;
  const failures = Array.isArray(body['failures']) ? body['failures'].filter(isObject) : [];
  const count = (key: string): number => (typeof body[key] === 'number' ? body[key] : 0);
  return {
    id: typeof id === 'string' ? id : '',
    isComplete: status === 'complete',
    failed: Math.max(count('failure_count'), failures.length),
    total: count('total_count'),
    firstFailure: failures[0] === undefined ? '' : describe(failures[0]),
  };
}

function describe(failure: Readonly<Record<string, unknown>>): string {
  const texts = [failure['id'], failure['message']].filter((text) => typeof text === 'string' && text !== '');
  return texts.join(': ').slice(0, toldLength);
}
