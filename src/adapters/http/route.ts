import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ParameterError, problem, problemType } from './problem.ts';
import type { QueryResult } from './query.ts';

export type RawQuery = Readonly<Record<string, unknown>>;
type Handler<Query> = (query: Query, request: FastifyRequest, reply: FastifyReply) => unknown;

/** Answers with a problem in place of what was asked for. */
export function refuse(
  reply: FastifyReply,
  request: FastifyRequest,
  status: number,
  detail: string,
  errors?: readonly ParameterError[],
): FastifyReply {
  return reply
    .code(status)
    .type(problemType)
    .send(problem(status, detail, request, errors));
}

/** Answers with everything that is wrong with a query. */
export function refuseQuery(
  reply: FastifyReply,
  request: FastifyRequest,
  errors: readonly ParameterError[],
): FastifyReply {
  return refuse(reply, request, 400, errors.map(({ detail }) => detail).join('; '), errors);
}

/**
 * Adds a GET route (and its HEAD) whose query is read first; every other method is answered 405, but for those in
 * `changes`, which have routes of their own.
 */
export function route<Query>(
  app: FastifyInstance,
  url: string,
  read: (raw: RawQuery) => QueryResult<Query>,
  handle: Handler<Query>,
  changes: readonly string[] = [],
): void {
  app.get(url, async (request, reply) => {
    const result = read(request.query as RawQuery);
    if ('query' in result) return await handle(result.query, request, reply);
    return refuseQuery(reply, request, result.errors);
  });
  const allowed = ['GET', 'HEAD', ...changes];
  const advice = changes.length === 0 ? 'as it can only be read: use GET' : `: use ${allowed.join(', ')}`;
  app.route({
    method: app.supportedMethods.filter((method) => !allowed.includes(method)),
    url,
    // Answered before the body is read, so that no content type is asked for.
    onRequest: async (request, reply) => {
      reply.header('allow', allowed.join(', '));
      await refuse(reply, request, 405, `Cannot ${request.method} ${url} ${advice}`);
    },
    handler: (_request, reply) => reply,
  });
}
