import { createApp, logOf } from '../app.ts';
import { version } from '../version.ts';
import { readConfiguration } from './configuration.ts';
import { configurationExitCode, unavailableExitCode } from './usage.ts';

/** Resolves at the first SIGTERM or SIGINT. */
function toldToStop(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
}

/**
 * Runs the service until it is told to stop, or no longer owns the state: it then ends with the code for what may be
 * started again, and stands by if it is. The exit code.
 */
export async function serve(): Promise<number> {
  const read = readConfiguration(process.env);
  const log = logOf(read.service?.config.logLevel ?? 'info', read.service?.secrets ?? []);
  for (const misspelling of read.misspelt) log.warn(misspelling);
  for (const problem of read.problems) log.error(problem);
  if (read.service === null) return configurationExitCode;
  const { config, feeds, sinks } = read.service;
  process.on('unhandledRejection', (cause) => log.error('A promise was rejected and nobody waited', { cause }));
  const stopping = toldToStop();
  const app = createApp({ config, feeds, sinks }, log, version);
  try {
    const address = await app.start();
    log.info('Listening', { url: address.url, opsUrl: address.opsUrl, version });
  } catch (cause) {
    log.error(cause instanceof Error ? cause.message : String(cause));
    await app.stop();
    return unavailableExitCode;
  }
  const lost = app.service.lost.then(() => null);
  const signal = await Promise.race([stopping, lost]);
  log.info('Stopping', { signal });
  await app.stop();
  log.info('Stopped');
  return signal === null ? unavailableExitCode : 0;
}
