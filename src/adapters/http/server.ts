import type { AddressInfo } from 'node:net';
import { fastify, type FastifyError, type FastifyInstance, type FastifyReply } from 'fastify';
import type { Log } from '../../core/ports.ts';
import type { SilenceChanges } from '../../pipeline/silence-views.ts';
import type { ServiceViews } from '../../pipeline/views.ts';
import { isLoopbackHost } from './loopback.ts';
import { problem, problemType } from './problem.ts';
import { addOperationRoutes, addViewRoutes } from './routes.ts';
import { addSilenceRoutes } from './silence-routes.ts';

export interface HttpServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** When set, a second server on this port serves only /health* and /metrics; 0 takes a free one. */
  readonly opsPort: number | null;
  readonly views: ServiceViews;
  readonly silences: SilenceChanges;
  readonly log: Log;
}

export interface HttpAddress {
  /** Base URL without a slash at its end. */
  readonly url: string;
  readonly opsUrl: string | null;
}

export interface HttpServer {
  /** Binds and resolves with where; rejects with the option that mends it when a port cannot be bound. */
  start(): Promise<HttpAddress>;
  /** Ends open connections; safe to call more than once. */
  stop(): Promise<void>;
}

/** Longer than any address, so that a long one is refused as no address and not as no path. */
const maxParamLength = 1000;

function failed(error: FastifyError): { readonly status: number; readonly detail: string } {
  const status = error.statusCode ?? 500;
  if (status >= 500) return { status, detail: 'Cannot answer as something failed inside: the log says what' };
  return { status, detail: error.message };
}

/** A fastify instance that speaks problem details in every error; no port is bound. */
export function createApp(log: Log, addRoutes: (app: FastifyInstance) => void): FastifyInstance {
  const app = fastify({
    forceCloseConnections: true,
    // An undecodable path never reaches a route, so its answer is given here.
    frameworkErrors: (error, request, reply: FastifyReply) => {
      const { status, detail } = failed(error);
      void reply
        .code(status)
        .type(problemType)
        .send(problem(status, detail, request));
    },
    routerOptions: { maxParamLength },
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
  });
  app.setNotFoundHandler((request, reply) => {
    const detail = `Cannot find ${request.url.split('?', 1)[0] ?? ''} as no such path exists`;
    return reply
      .code(404)
      .type(problemType)
      .send(problem(404, detail, request));
  });
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const { status, detail } = failed(error);
    if (status >= 500)
      log.error('Cannot answer a request', { method: request.method, path: request.url, cause: error });
    return reply
      .code(status)
      .type(problemType)
      .send(problem(status, detail, request));
  });
  addRoutes(app);
  return app;
}

/** The API of the service, without operations and views apart until OPS_PORT asks for it. */
export function createHttpServer({ host, port, opsPort, views, silences, log }: HttpServerOptions): HttpServer {
  const app = createApp(log, (instance) => {
    addOperationRoutes(instance, views);
    addViewRoutes(instance, views);
    addSilenceRoutes(instance, { views, changes: silences, isLocal: isLoopbackHost(host) });
  });
  const ops = opsPort === null ? null : createApp(log, (instance) => addOperationRoutes(instance, views));

  const listen = async (instance: FastifyInstance, wanted: number, option: string): Promise<string> => {
    try {
      await instance.listen({ host, port: wanted });
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`Cannot listen on ${host} port ${wanted}: ${reason}: check HTTP_HOST and ${option}`, { cause });
    }
    const bound = instance.server.address() as AddressInfo;
    return `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;
  };

  return {
    start: async () => {
      const url = await listen(app, port, 'HTTP_PORT');
      return { url, opsUrl: ops === null || opsPort === null ? null : await listen(ops, opsPort, 'OPS_PORT') };
    },
    stop: async () => {
      await Promise.all([app.close(), ops?.close()]);
    },
  };
}
