import { STATUS_CODES } from 'node:http';

/** A parameter that cannot be used, with the value seen and the value wanted. */
export interface ParameterError {
  readonly parameter: string;
  readonly detail: string;
}

/** Problem details (RFC 9457); `errors` is an extension member that lists every bad parameter. */
export interface Problem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly errors?: readonly ParameterError[];
}

export const problemType = 'application/problem+json';

/** The problem of a request; `instance` is the path asked for, without its query. */
export function problem(
  status: number,
  detail: string,
  request: { readonly url: string },
  errors?: readonly ParameterError[],
): Problem {
  const base = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    instance: request.url.split('?', 1)[0] ?? '',
  } as const;
  return errors === undefined ? base : { ...base, errors };
}
