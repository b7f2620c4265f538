import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { SilenceChanges, SilenceRefusal } from '../../pipeline/silence-views.ts';
import type { ServiceViews } from '../../pipeline/views.ts';
import { isSentToLoopback } from './loopback.ts';
import { emptyQuery, endQuery, silencesQuery } from './query.ts';
import { type RawQuery, refuse, refuseQuery, route } from './route.ts';

const bodyBytesMax = 16 * 1024;
const shownMax = 256;

export interface SilenceRoutes {
  readonly views: ServiceViews;
  readonly changes: SilenceChanges;
  /** Whether the API listens on loopback alone: without authentication nobody else may change anything. */
  readonly isLocal: boolean;
}

const statuses: Readonly<Record<SilenceRefusal['code'], number>> = {
  invalid: 400,
  not_found: 404,
  of_file: 409,
  full: 409,
  not_active: 503,
  not_kept: 503,
};

/** Silences: shown to everybody, changed where the API listens on loopback. Each refusal of a change is audited. */
export function addSilenceRoutes(app: FastifyInstance, routes: SilenceRoutes): void {
  const { views, changes } = routes;
  // Of bodies only JSON is read: a page of another site cannot send that without asking first.
  app.removeContentTypeParser('text/plain');
  route(app, '/silences', silencesQuery, ({ ended }) => views.silences(ended), ['POST']);
  const showOne = (request: FastifyRequest, reply: FastifyReply): unknown => {
    const id = idOf(request);
    const item = views.silence(id);
    return item ?? refuse(reply, request, 404, `Cannot show silence ${shown(id)} as none of this id is known`);
  };
  route(app, '/silences/:id', emptyQuery, (_query, request, reply) => showOne(request, reply), ['DELETE']);
  app.post('/silences', guardedBy(routes, 'create'), async (request, reply) => {
    const result = emptyQuery(request.query as RawQuery);
    if ('errors' in result) return refuseQuery(reply, request, result.errors);
    const answer = await changes.create(request.body);
    if ('refusal' in answer) return refuseChange(reply, request, answer.refusal);
    return reply.code(201).header('location', `/silences/${answer.silence.id}`).send(answer.silence);
  });
  app.delete('/silences/:id', guardedBy(routes, 'delete'), async (request, reply) => {
    const result = endQuery(request.query as RawQuery);
    if ('errors' in result) return refuseQuery(reply, request, result.errors);
    const answer = await changes.end(idOf(request), result.query.author);
    return 'refusal' in answer ? refuseChange(reply, request, answer.refusal) : answer.silence;
  });
}

function idOf(request: FastifyRequest): string {
  return (request.params as { readonly id: string }).id;
}

function shown(text: string): string {
  return JSON.stringify(text.length > shownMax ? `${text.slice(0, shownMax)}…` : text);
}

function refuseChange(reply: FastifyReply, request: FastifyRequest, refusal: SilenceRefusal): FastifyReply {
  const status = statuses[refusal.code];
  if (refusal.code !== 'invalid') return refuse(reply, request, status, refusal.detail);
  const errors = refusal.problems.map(({ field, detail }) => ({ parameter: field, detail }));
  return refuse(reply, request, status, refusal.detail, errors);
}

/** Lets a change through from this machine alone, and has every refusal audited, whoever gave it. */
function guardedBy({ changes, isLocal }: SilenceRoutes, action: 'create' | 'delete') {
  return {
    bodyLimit: bodyBytesMax,
    onRequest: async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      const { host } = request.headers;
      if (!isLocal) {
        const remedy = 'set HTTP_HOST to 127.0.0.1, or use SILENCES_PATH';
        const why = `the API listens off loopback and has no authentication: ${remedy}`;
        await refuse(reply, request, 403, `Cannot change silences as ${why}`);
      } else if (!isSentToLoopback(host))
        await refuse(reply, request, 403, `Cannot change silences for the host ${shown(host ?? '')}: ask localhost`);
    },
    // Resolves as a hook must; nothing in it waits.
    onSend: (request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> => {
      if (reply.statusCode >= 400) {
        const by = askedBy(request);
        const what = action === 'create' ? null : idOf(request).slice(0, shownMax);
        changes.refused({ action, by, what, reason: detailOf(payload) });
      }
      return Promise.resolve(payload);
    },
  };
}

/** Who asks, as far as the request says so. */
function askedBy({ body, query }: FastifyRequest): string | null {
  const { author } = { ...(query as RawQuery), ...(typeof body === 'object' ? (body as RawQuery | null) : null) };
  return typeof author === 'string' ? author.slice(0, shownMax) : null;
}

/** The reason that a problem gives. */
function detailOf(payload: unknown): string {
  const { detail } = JSON.parse(String(payload)) as { readonly detail: string };
  return detail;
}
