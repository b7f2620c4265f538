import { FeedError } from '../../core/feed-error.ts';
import { TaxiiConnection } from './connection.ts';
import { discover } from './discovery.ts';
import type { TaxiiDeps } from './feed.ts';
import { defaultTaxiiLimits, type TaxiiSettings } from './settings.ts';
import { Walk } from './walk.ts';

export type FeedProbe =
  | { readonly ok: true; readonly detail: string; readonly objects: number }
  | { readonly ok: false; readonly error: FeedError };

/**
 * Tries a feed's settings: discovers it, lists its collections and fetches the first page of each chosen one. Never
 * throws.
 */
export async function probeTaxiiFeed(
  settings: TaxiiSettings,
  deps: TaxiiDeps,
  signal: AbortSignal,
): Promise<FeedProbe> {
  const limits = { ...defaultTaxiiLimits, ...deps.limits };
  const { clock, log } = deps;
  const connection = new TaxiiConnection(settings, { clock, fetch: deps.fetch ?? fetch, limits });
  try {
    const { collections, chosen } = await discover(connection, signal);
    const parts: string[] = [];
    let total = 0;
    for (const collection of chosen) {
      const objects = await new Walk(connection, collection, null, { clock, log, limits }).firstPage(signal);
      total += objects;
      parts.push(`${collection.title || collection.id}: ${objects} objects on the first page`);
    }
    const detail = `${chosen.length} of ${collections.length} collections chosen; ${parts.join('; ')}`;
    return { ok: true, detail, objects: total };
  } catch (error) {
    if (error instanceof FeedError) return { ok: false, error };
    const message = `Cannot probe feed ${settings.name}: ${error instanceof Error ? error.message : String(error)}`;
    return { ok: false, error: new FeedError('invalid_answer', message, { cause: error }) };
  }
}
