import { options } from '../config/options.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Addresses to bind to that stand for every address of the machine, and where such a service can be asked. */
const everywhere: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);

function textOf(
  { env, fallback }: { readonly env: string; readonly fallback: string | undefined },
  environment: Environment,
): string {
  const text = environment[env]?.trim() ?? '';
  return text === '' ? (fallback ?? '') : text;
}

/** Where the service with this configuration is asked, or why that cannot be told. */
export function serviceUrl(environment: Environment): { readonly url: string } | { readonly problem: string } {
  const bound = textOf(options.httpHost, environment);
  const host = everywhere.get(bound) ?? bound;
  const portText = textOf(options.httpPort, environment);
  const port = options.httpPort.read(portText);
  if (port === undefined || port === 0)
    return { problem: `Cannot tell the port of the service from HTTP_PORT: current value is ${portText}: use --url` };
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${port}` };
}
