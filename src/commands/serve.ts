import { createApp, logOf } from '../app.ts';
import { version } from '../version.ts';
import { readConfiguration } from './configuration.ts';
import { configurationExitCode } from './usage.ts';

/** Resolves at the first SIGTERM or SIGINT. */
function toldToStop(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
}

/** Runs the service until it is told to stop. The exit code. */
export async function serve(): Promise<number> {
  const read = readConfiguration(process.env);
  if ('problems' in read) {
    process.stderr.write(`${read.problems.join('\n')}\n`);
    return configurationExitCode;
  }
  const { config, feeds, secrets, unknown } = read;
  const log = logOf(config.logLevel, secrets);
  for (const name of unknown) log.warn('Unknown variable looks like one of ours: is it misspelt?', { variable: name });
  process.on('unhandledRejection', (cause) => log.error('A promise was rejected and nobody waited', { cause }));
  const stopping = toldToStop();
  const app = createApp(config, feeds, log, version);
  const address = await app.start();
  log.info('Listening', { url: address.url, opsUrl: address.opsUrl, version });
  const signal = await stopping;
  log.info('Stopping', { signal });
  await app.stop();
  log.info('Stopped');
  return 0;
}
