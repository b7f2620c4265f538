import { createServer, type Server, type ServerOptions } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { TaxiiConnection } from '../../../../src/adapters/taxii/connection.ts';
import { defaultTaxiiLimits, type TaxiiAuth, type TaxiiSettings } from '../../../../src/adapters/taxii/settings.ts';
import { wholeOf } from '../../../support/feed-updates.ts';
import { sampleIndicators } from '../../../support/stix-samples.ts';
import { certificateText, passphrase } from '../../../support/taxii-certificates.ts';
import { feedErrorOf, TaxiiRig } from '../../../support/taxii-rig.ts';

const { signal } = new AbortController();
const ca = certificateText('authority');
const client = { certificate: certificateText('client'), key: certificateText('client-key'), passphrase: null };
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** An HTTPS server with a certificate of the test authority; it asks clients for one of the same authority. */
async function serve(handler: Handler, options: ServerOptions = {}): Promise<string> {
  const own = { cert: certificateText('server'), key: certificateText('server-key'), ca, requestCert: true };
  const server = createServer({ ...own, rejectUnauthorized: true, ...options }, handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Hands every request on to a TAXII server over HTTP, as a proxy does that ends TLS. */
function handOn(origin: string, seen: IncomingMessage[] = []): Handler {
  return (request, response) => {
    seen.push(request);
    const { authorization, accept = '' } = request.headers;
    const headers = { accept, ...(authorization === undefined ? {} : { authorization }) };
    void fetch(new URL(request.url ?? '/', origin), { headers }).then(async (answer) => {
      const body = (await answer.text()).replaceAll(origin, '');
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(body);
    });
  };
}

function commonNameOf(request: IncomingMessage): unknown {
  return request.socket instanceof TLSSocket ? request.socket.getPeerCertificate().subject.CN : undefined;
}

const pages = { objects: sampleIndicators(25), server: { pageSize: 10 } };

describe('a client certificate', () => {
  test.each<[string, TaxiiAuth, Partial<TaxiiSettings>]>([
    ['alone', { type: 'none' }, { certificate: client }],
    ['with basic', { type: 'basic', username: 'u', password: 'p' }, { certificate: client }],
    ['with bearer', { type: 'bearer', token: 't' }, { certificate: client }],
    [
      'with an encrypted key',
      { type: 'none' },
      { certificate: { ...client, key: certificateText('client-key-encrypted'), passphrase } },
    ],
  ])('%s is shown with every request', async (_, auth, settings) => {
    await using rig = await TaxiiRig.start({ ...pages, server: { ...pages.server, auth } });
    const seen: IncomingMessage[] = [];
    const url = await serve(handOn(rig.server.origin, seen));
    const feed = rig.reopened({ url, ca, auth, ...settings });
    expect((await wholeOf(feed.poll(null, signal))).objects).toHaveLength(25);
    expect(new Set(seen.map(commonNameOf))).toEqual(new Set(['Test client']));
  });

  test('goes with what is sent', async () => {
    await using rig = await TaxiiRig.start();
    const content = '{"objects":["é 😀"]}';
    const seen: unknown[] = [];
    let sent = '';
    const url = await serve((request, response) => {
      seen.push(request.method, request.headers['content-type'], commonNameOf(request));
      request.setEncoding('utf8').on('data', (text: string) => (sent += text));
      request.on('end', () => response.writeHead(202).end('{"status":"complete"}'));
    });
    const settings = { ...rig.settings, url, ca, certificate: client };
    const deps = { clock: rig.clock, fetch, limits: defaultTaxiiLimits };
    const request = {
      url: new URL(url),
      version: '2.1',
      accept: 'application/taxii+json',
      range: null,
      content,
    } as const;
    const answer = await new TaxiiConnection(settings, deps).ask(request, signal);
    expect([answer.status, sent, ...seen]).toEqual([202, content, 'POST', 'application/taxii+json', 'Test client']);
  });

  test('that is missing ends in an error that says what to mend, and is not retried', async () => {
    await using rig = await TaxiiRig.start();
    const url = await serve(handOn(rig.server.origin));
    const error = await feedErrorOf(wholeOf(rig.reopened({ url, ca }).poll(null, signal)));
    expect(error).toMatchObject({ code: 'unauthorized', retryable: false });
    const mend = 'the server asks for a client certificate, set auth.certificate of feed rig in TI_FEEDS';
    expect(error.message).toContain(mend);
    expect(rig.log.lines).toEqual([]);
  });

  test('of another authority is refused by the server, and the key is not shown', async () => {
    await using rig = await TaxiiRig.start();
    const url = await serve(handOn(rig.server.origin));
    const stranger = {
      certificate: certificateText('stranger'),
      key: certificateText('stranger-key'),
      passphrase: null,
    };
    const error = await feedErrorOf(wholeOf(rig.reopened({ url, ca, certificate: stranger }).poll(null, signal)));
    expect(['unauthorized', 'unreachable']).toContain(error.code);
    expect(JSON.stringify([error.message, rig.log.lines])).not.toContain(stranger.key.split('\n')[1]);
  });

  test('does not follow a redirect to another host, nor do the credentials', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(3) });
    const seen: IncomingMessage[] = [];
    const elsewhere = await serve(handOn(rig.server.origin, seen), { rejectUnauthorized: false });
    const home = await serve((request, response) => {
      response.writeHead(307, { location: `${elsewhere}${request.url ?? ''}` }).end();
    });
    const auth = { type: 'bearer', token: 't0ken-value' } as const;
    const error = await feedErrorOf(
      wholeOf(rig.reopened({ url: home, ca, certificate: client, auth }).poll(null, signal)),
    );
    // The other host is trusted by the default authorities alone, which the test's is none of.
    expect(error.message).toMatch(/unable to verify|self-signed certificate/);
    expect(seen).toEqual([]);
  });
});

describe('authorities of a feed', () => {
  test('are needed where its server has a certificate of its own authority', async () => {
    await using rig = await TaxiiRig.start();
    const url = await serve(handOn(rig.server.origin), { requestCert: false });
    const error = await feedErrorOf(wholeOf(rig.reopened({ url }).poll(null, signal)));
    expect(error).toMatchObject({ code: 'unreachable', retryable: true });
    expect(error.message).toContain('where its authority is your own, set ca of feed rig in TI_FEEDS');
  });

  test('suffice without a client certificate, and others are not trusted then', async () => {
    await using rig = await TaxiiRig.start({ objects: sampleIndicators(3) });
    const url = await serve(handOn(rig.server.origin), { requestCert: false });
    expect((await wholeOf(rig.reopened({ url, ca }).poll(null, signal))).objects).toHaveLength(3);
    const error = await feedErrorOf(wholeOf(rig.reopened({ url, ca: certificateText('stranger') }).poll(null, signal)));
    expect(error).toMatchObject({ code: 'unreachable' });
  });
});

describe('answers over a connection with a certificate', () => {
  const listing = {
    '/api/': { title: 'x', versions: [] },
    '/api/collections/': { collections: [{ id: 'one', title: 'One', can_read: true }] },
  };
  const type = 'application/taxii+json;version=2.1';

  /** A feed whose objects are answered by the handler. */
  async function feedOn(rig: TaxiiRig, objects: Handler): Promise<ReturnType<TaxiiRig['reopened']>> {
    const origin = await serve((request, response) => {
      const body = listing[(request.url ?? '') as keyof typeof listing] as object | undefined;
      if (body === undefined) objects(request, response);
      else response.writeHead(200, { 'content-type': type }).end(JSON.stringify(body));
    });
    return rig.reopened({ url: `${origin}/api/`, collection: 'one', ca, certificate: client });
  }

  const body = JSON.stringify({ objects: sampleIndicators(3) });
  test.each([
    ['gzip', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['br', brotliCompressSync(body)],
    ['identity', Buffer.from(body)],
  ])('may be encoded by %s', async (encoding, bytes) => {
    await using rig = await TaxiiRig.start();
    const feed = await feedOn(rig, (request, response) => {
      expect(request.headers['accept-encoding']).toContain('gzip');
      response.writeHead(200, { 'content-type': type, 'content-encoding': encoding }).end(bytes);
    });
    expect((await wholeOf(feed.poll(null, signal))).objects).toHaveLength(3);
  });

  test('in an unknown encoding are an error', async () => {
    await using rig = await TaxiiRig.start({ limits: { restarts: 0 } });
    const feed = await feedOn(rig, (_, response) => {
      response.writeHead(200, { 'content-type': type, 'content-encoding': 'x-odd' }).end(body);
    });
    expect((await feedErrorOf(wholeOf(feed.poll(null, signal)))).message).toContain('its content encoding is x-odd');
  });

  test('are bounded after decoding', async () => {
    await using rig = await TaxiiRig.start({ limits: { pageBytes: 1_000_000 } });
    const bomb = gzipSync(`{"objects":[]${' '.repeat(10_000_000)}}`);
    const feed = await feedOn(rig, (_, response) => {
      response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip' }).end(bomb);
    });
    expect(await feedErrorOf(wholeOf(feed.poll(null, signal)))).toMatchObject({ code: 'too_large' });
  });

  test('without a body are taken, and cut ones are not', async () => {
    await using rig = await TaxiiRig.start({ limits: { restarts: 0 } });
    const empty = await feedOn(rig, (_, response) => response.writeHead(204).end());
    expect((await wholeOf(empty.poll(null, signal))).objects).toEqual([]);
    const cut = await feedOn(rig, (_, response) => {
      response.writeHead(200, { 'content-type': type, 'content-length': '1000' });
      response.write('{"objects":[', () => response.destroy());
    });
    expect(await feedErrorOf(wholeOf(cut.poll(null, signal)))).toMatchObject({ code: 'unreachable', retryable: true });
  });

  test('that do not end in time are given up', async () => {
    await using rig = await TaxiiRig.start({ limits: { requestMs: 200, restarts: 0 } });
    const late = await feedOn(rig, (_, response) => {
      response.writeHead(200, { 'content-type': type });
      response.write('{');
    });
    const error = await feedErrorOf(wholeOf(late.poll(null, signal)));
    expect(error).toMatchObject({ code: 'unreachable', retryable: true });
    expect(error.message).toContain('gave no whole answer within 200 ms');
  });
});
