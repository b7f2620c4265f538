import { behaviourOptions } from './behaviour-options.ts';
import { connectionOptions } from './connection-options.ts';
import type { Option } from './option.ts';

/** Every option of the service, declared once. `npm run docs` writes deploy/reference/configuration.md from it. */
export const options = { ...connectionOptions, ...behaviourOptions } as const;

type ValueOf<O> = O extends Option<infer Value> ? Value : never;

/** The configuration: one value per option of the table. */
export type Config = { readonly [Name in keyof typeof options]: ValueOf<(typeof options)[Name]> };
