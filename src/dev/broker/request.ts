import rhea from 'rhea';
import type { ServiceError } from './service-error.ts';

/** The answer to a request on `$cbs` or `$management`. */
export interface Reply {
  readonly status: number;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** An answer that says no. The condition is always sent: clients guess badly from the number alone. */
export function answer(status: number, error: ServiceError): Reply {
  return {
    status,
    properties: {
      'status-code': rhea.types.wrap_int(status),
      'status-description': error.description,
      'error-condition': rhea.types.wrap_symbol(error.condition),
    },
    body: undefined,
  };
}

/** A property that should be text, as text; empty when it is something else. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
