import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';

/** Azurite's account; name and key are public. */
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export interface AzuriteOptions {
  /** Keeps blobs here across restarts; in memory when absent. */
  readonly folder?: string;
  /** Default 0, which takes a free one. */
  readonly port?: number;
}

/** A running Azurite blob service. */
export interface Azurite {
  readonly connectionString: string;
  /** Blob endpoint with the account in its path. */
  readonly url: string;
  readonly pid: number;
  /** Ends the process; resolves when it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts Azurite's blob service as a child process; resolves when it listens, rejects with its output when it dies
 * before. API versions are not checked: the storage SDK names newer ones than Azurite knows.
 */
export async function startAzurite(options: AzuriteOptions = {}): Promise<Azurite> {
  const program = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');
  const place = options.folder === undefined ? ['--inMemoryPersistence'] : ['--location', options.folder];
  const flags = ['--silent', '--skipApiVersionCheck', '--disableTelemetry', '--blobHost', '127.0.0.1'];
  const args = [program, ...flags, '--blobPort', String(options.port ?? 0), ...place];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const endpoint = await listening(child);
  const url = `${endpoint}/${ACCOUNT}`;
  const { pid } = child;
  if (pid === undefined) throw new Error('Cannot start Azurite: the process has no id');
  return {
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};BlobEndpoint=${url};`,
    url,
    pid,
    stop: async () => {
      child.kill();
      await exited;
    },
  };
}

/** Resolves to the endpoint that the output names. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const endpoint = /successfully listens? on (http:\/\/[\d.]+:\d+)/.exec(output)?.[1];
      if (endpoint !== undefined) resolve(endpoint);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', reject);
    child.once('close', (code, signal) =>
      reject(new Error(`Cannot start Azurite: it ended with ${code ?? signal ?? 'nothing'} and said: ${output}`)),
    );
  });
}
