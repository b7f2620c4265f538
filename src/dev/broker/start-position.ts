/** Where a consumer asks to begin, as its source filter says. */
export type StartPosition =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'latest'; readonly inclusive: boolean }
  | { readonly kind: 'offset'; readonly offset: number; readonly inclusive: boolean }
  | { readonly kind: 'sequenceNumber'; readonly sequenceNumber: number; readonly inclusive: boolean }
  | { readonly kind: 'enqueuedTime'; readonly ms: number; readonly inclusive: boolean };

const EXPRESSION = /^\s*amqp\.annotation\.(x-opt-[a-z-]+)\s*(>=|>)\s*'?([^']*?)'?\s*$/;

/**
 * Reads a selector expression such as `amqp.annotation.x-opt-offset > '-1'`. Older clients name the time
 * `x-opt-enqueuedtimeutc` and leave the quotes away; both are taken. Null when the expression is none of these.
 */
export function parseStartPosition(expression: string): StartPosition | null {
  const match = EXPRESSION.exec(expression);
  if (match === null) return null;
  const [, annotation, operator, value] = match;
  const inclusive = operator === '>=';
  if (annotation === 'x-opt-offset' && value === '-1') return { kind: 'earliest' };
  if (annotation === 'x-opt-offset' && value === '@latest') return { kind: 'latest', inclusive };
  const number = value === undefined || !/^-?\d+$/.test(value) ? Number.NaN : Number(value);
  if (!Number.isSafeInteger(number)) return null;
  switch (annotation) {
    case 'x-opt-offset':
      return { kind: 'offset', offset: number, inclusive };
    case 'x-opt-sequence-number':
      return { kind: 'sequenceNumber', sequenceNumber: number, inclusive };
    case 'x-opt-enqueued-time':
    case 'x-opt-enqueuedtimeutc':
    case 'x-opt-enqueued-time-utc':
      return { kind: 'enqueuedTime', ms: number, inclusive };
    default:
      return null;
  }
}
