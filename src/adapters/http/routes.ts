import type { FastifyInstance } from 'fastify';
import type { ServiceViews } from '../../pipeline/views.ts';
import { parseOneAddress } from './parameters.ts';
import {
  alertsQuery,
  emptyQuery,
  formatCursor,
  formatSkippedCursor,
  intelQuery,
  listQuery,
  skippedQuery,
  windowsQuery,
} from './query.ts';
import { refuse, route } from './route.ts';

const healthType = 'application/health+json';

/** Health and metrics: no caller and no address in them. */
export function addOperationRoutes(app: FastifyInstance, views: ServiceViews): void {
  route(app, '/health', emptyQuery, async (_query, _request, reply) => {
    const report = await views.health();
    return reply
      .code(report.status === 'fail' ? 503 : 200)
      .type(healthType)
      .send(report);
  });
  // Depends on nothing outside the process: an answer at all is what it tells.
  route(app, '/health/live', emptyQuery, (_query, _request, reply) => reply.type(healthType).send({ status: 'pass' }));
  route(app, '/health/ready', emptyQuery, (_query, _request, reply) => {
    const { ready, reason } = views.ready();
    return reply
      .code(ready ? 200 : 503)
      .type(healthType)
      .send({ status: ready ? 'pass' : 'fail', output: reason });
  });
  route(app, '/metrics', emptyQuery, async (_query, _request, reply) => {
    const { contentType, body } = await views.metrics();
    return reply.type(contentType).send(body);
  });
}

/** What the service knows of callers, addresses, flushes and alerts. */
export function addViewRoutes(app: FastifyInstance, views: ServiceViews): void {
  route(app, '/windows', windowsQuery, async (query) => {
    const page = await views.windows(query);
    return { ...page, nextCursor: page.nextCursor === null ? null : formatCursor(page.nextCursor) };
  });
  route(app, '/windows/:ip', emptyQuery, (_query, request, reply) => {
    const { ip } = request.params as { readonly ip: string };
    const address = parseOneAddress(ip);
    if (address === null) {
      const detail = `Cannot show ${JSON.stringify(ip)} as it is not one IP address: write IPv6 percent-encoded, such as 2001%3Adb8%3A%3A1`;
      return refuse(reply, request, 400, detail);
    }
    return views.address(address);
  });
  route(app, '/intel', intelQuery, ({ address }) => views.intel(address));
  route(
    app,
    '/intel/skipped',
    (raw) => skippedQuery(raw, views.feeds()),
    async (query) => {
      const page = await views.skipped(query);
      return { ...page, nextCursor: page.nextCursor === null ? null : formatSkippedCursor(page.nextCursor) };
    },
  );
  route(app, '/flushes', emptyQuery, () => views.flushes());
  route(app, '/alerts', alertsQuery, (query) => views.alerts(query));
  route(app, '/dead-letters', listQuery, async ({ limit }) => ({ items: await views.deadLetters(limit) }));
}
