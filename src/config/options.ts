import { behaviourOptions } from './behaviour-options.ts';
import { connectionOptions } from './connection-options.ts';

/** Every option of the service, declared once. `npm run docs` writes deploy/reference/configuration.md from it. */
export const options = { ...connectionOptions, ...behaviourOptions } as const;
