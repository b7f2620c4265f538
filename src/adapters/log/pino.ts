import { destination, pino, stdSerializers, stdTimeFunctions } from 'pino';
import type { Log } from '../../core/ports.ts';
import { Redaction } from './redaction.ts';

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Texts that never appear in a line. */
  readonly secrets: readonly string[];
  /** Where lines go; stderr unless told otherwise. */
  readonly output?: { write(line: string): unknown };
}

/** Errors are written out wherever they stand in the fields, with their causes. */
function shown(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? stdSerializers.errWithCause(value) : value,
    ]),
  );
}

/**
 * The log: one JSON object a line, on stderr, for stdout belongs to the alerts. Lines are written at once, so that
 * those before a crash are there. Times are those of the machine, whatever the rate of the service's clock.
 */
export function createLog({ level, secrets, output = destination({ fd: 2, sync: true }) }: LogOptions): Log {
  const redaction = new Redaction(secrets);
  const logger = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => output.write(redaction.line(line)) },
  );
  return {
    debug: (message, fields = {}) => logger.debug(shown(fields), message),
    info: (message, fields = {}) => logger.info(shown(fields), message),
    warn: (message, fields = {}) => logger.warn(shown(fields), message),
    error: (message, fields = {}) => logger.error(shown(fields), message),
  };
}
