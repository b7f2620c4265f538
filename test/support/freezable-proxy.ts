import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands before a storage, and passes nothing on while it is frozen. */
export interface FreezableProxy extends AsyncDisposable {
  /** The connection string of the storage, by way of the proxy. */
  readonly connectionString: string;
  freeze(): void;
  thaw(): void;
}

/** Starts a proxy on a free port before the storage of a connection string. */
export async function startFreezableProxy(connectionString: string): Promise<FreezableProxy> {
  const target = new URL(/BlobEndpoint=([^;]+)/.exec(connectionString)?.[1] ?? '');
  const sockets = new Set<Socket>();
  let frozen = false;
  const keep = (socket: Socket, other: Socket): void => {
    sockets.add(socket);
    socket.on('data', (bytes) => other.write(bytes));
    socket.on('error', () => other.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      other.destroy();
    });
    if (frozen) socket.pause();
  };
  const server = createServer((incoming) => {
    const outgoing = connect(Number(target.port), target.hostname);
    keep(incoming, outgoing);
    keep(outgoing, incoming);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    connectionString: connectionString.replace(target.host, `127.0.0.1:${port}`),
    freeze: () => {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      frozen = false;
      for (const socket of sockets) socket.resume();
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
