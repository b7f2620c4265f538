import type { CollectionStore, StoredVersion } from './collection-store.ts';
import { endlessVersions, type Fault, faultOf } from './fault.ts';
import type { ObjectQuery } from './object-query.ts';
import { dateHeaders } from './object-routes.ts';
import { errorReply, type Reply } from './reply.ts';
import { asStix20 } from './stix-20.ts';

const NO_END = 1_000_000_000;

/** Answers GET objects/ of TAXII 2.0 (§5.3): a bundle, paged by `Range: items`, with the faults that concern paging. */
export function bundleReply(
  store: CollectionStore,
  asked: ObjectQuery,
  range: string | undefined,
  faults: readonly Fault[],
): Reply {
  if (!store.canRead) return errorReply(403, 'The collection may not be read');
  const [, firstText = '0', lastText] = /^items (\d+)-(\d+)$/.exec(range ?? '') ?? [];
  const wanted = lastText === undefined ? asked.limit : Number(lastText) - Number(firstText) + 1;
  const first = faultOf(faults, 'repeat-page') === undefined ? Number(firstText) : 0;
  const all = store.select({ ...asked.query, afterOrdinal: 0 }, NO_END).versions;
  const isEndless = faultOf(faults, 'endless') !== undefined;
  const count = Math.min(asked.limit, wanted);
  const page = isEndless ? endlessVersions(first, count, all.at(-1)) : all.slice(first, first + count);
  const total = isEndless || faultOf(faults, 'always-more') !== undefined ? NO_END : all.length;
  if (page.length === 0 && first > 0) return errorReply(416, 'The range lies past the end', {});
  return {
    status: page.length < total ? 206 : 200,
    headers: { ...dateHeaders(page, faults), ...rangeHeader(first, page, total, faults) },
    body: bundleOf(page),
    holdsObjects: true,
  };
}

function rangeHeader(
  first: number,
  page: readonly StoredVersion[],
  total: number,
  faults: readonly Fault[],
): Record<string, string> {
  const fault = faultOf(faults, 'content-range');
  if (fault?.value === null || page.length === 0) return {};
  return { 'content-range': fault?.value ?? `items ${first}-${first + page.length - 1}/${total}` };
}

/** A bundle without objects has no `objects` (STIX 2.0 §5.1). */
function bundleOf(page: readonly StoredVersion[]): Record<string, unknown> {
  const bundle = { type: 'bundle', id: 'bundle--00000000-0000-4000-8000-000000000000', spec_version: '2.0' };
  return page.length === 0 ? bundle : { ...bundle, objects: page.map(({ object }) => asStix20(object)) };
}
