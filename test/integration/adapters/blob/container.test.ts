import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openContainer, type OpenedContainer } from '../../../../src/adapters/blob/container.ts';
import type { SourceError } from '../../../../src/core/ports.ts';
import { startAzurite, type Azurite } from '../../../../src/dev/azurite.ts';
import { SteppingClock } from '../../../support/stepping-clock.ts';

const clock = new SteppingClock(1234);
let azurite: Azurite;

beforeAll(async () => {
  azurite = await startAzurite();
});

afterAll(async () => {
  await azurite.stop();
});

function errorOf(opened: OpenedContainer): SourceError {
  if (opened.ok) throw new Error('Expected an error: the container opened');
  return opened.error;
}

/** Serves every request with one answer of the storage. */
async function storageThatAnswers(
  answer: (method: string) => { readonly status: number; readonly code: string },
): Promise<AsyncDisposable & { readonly connectionString: string }> {
  const server: Server = createServer((request, response) => {
    const { status, code } = answer(request.method ?? '');
    response.writeHead(status, { 'x-ms-error-code': code, 'content-type': 'application/xml' });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>Said no.</Message></Error>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    connectionString: `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:${port}/a;`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

test('a container that is absent is created, and one that is there is used', async () => {
  const name = `c-${randomUUID()}`;
  const access = { connectionString: azurite.connectionString };
  const first = await openContainer(access, name, clock);
  if (!first.ok) throw new Error(first.error.message);
  await first.container.uploadBlockBlob('a', 'b', 1);
  const second = await openContainer(access, name, clock);
  if (!second.ok) throw new Error(second.error.message);
  expect(await second.container.getBlobClient('a').exists()).toBe(true);
});

test('processes that create the container at the same moment all open it', async () => {
  const name = `c-${randomUUID()}`;
  const access = { connectionString: azurite.connectionString };
  const opened = await Promise.all([0, 1, 2, 3].map(() => openContainer(access, name, clock)));
  expect(opened.map(({ ok }) => ok)).toEqual([true, true, true, true]);
});

test('a wrong key is told with the text of the storage and the option that mends it', async () => {
  const wrong = azurite.connectionString.replace(/AccountKey=[^;]+/, 'AccountKey=d3Jvbmc=');
  const error = errorOf(await openContainer({ connectionString: wrong }, 'tidewatch', clock));
  expect(error).toMatchObject({ code: 'storage_unauthorized', at: 1234 });
  expect(error.message).toMatch(/STORAGE_CONNECTION_STRING; the storage said: 403 \w+/);
});

test('a storage that is away is told', async () => {
  const away = azurite.connectionString.replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1');
  const error = errorOf(await openContainer({ connectionString: away }, 'tidewatch', clock));
  expect(error.code).toBe('storage_unavailable');
  expect(error.message).toContain('STORAGE_CONNECTION_STRING');
  expect(error.message).toContain('ECONNREFUSED');
});

test('a container that may not be created is told with the option that names another', async () => {
  await using storage = await storageThatAnswers((method) =>
    method === 'PUT'
      ? { status: 403, code: 'AuthorizationPermissionMismatch' }
      : { status: 404, code: 'ContainerNotFound' },
  );
  const error = errorOf(await openContainer(storage, 'tidewatch', clock));
  expect(error.code).toBe('storage_unauthorized');
  expect(error.message).toContain('Cannot create container tidewatch');
  expect(error.message).toContain('STORAGE_CONTAINER');
  expect(error.message).toContain('403 AuthorizationPermissionMismatch');
});

test('a name that is no container name is told with the option that holds it', async () => {
  const access = { connectionString: azurite.connectionString };
  const error = errorOf(await openContainer(access, 'No_Container', clock));
  expect(error.code).toBe('storage_unavailable');
  expect(error.message).toContain('STORAGE_CONTAINER');
});

test('a connection string that is none is told', async () => {
  const error = errorOf(await openContainer({ connectionString: 'nonsense' }, 'tidewatch', clock));
  expect(error.message).toContain('STORAGE_CONNECTION_STRING');
});

test('an identity that gets no token is told as refused', async () => {
  const credential = {
    getToken: () =>
      Promise.reject(Object.assign(new Error('No credential found.'), { name: 'CredentialUnavailableError' })),
  };
  const access = { accountUrl: 'https://account.blob.core.windows.net', credential };
  const error = errorOf(await openContainer(access, 'tidewatch', clock));
  expect(error.code).toBe('storage_unauthorized');
  expect(error.message).toContain('STORAGE_ACCOUNT_URL');
  expect(error.message).toContain('No credential found.');
});
