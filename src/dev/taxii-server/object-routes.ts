import type { CollectionStore, StoredVersion, VersionQuery } from './collection-store.ts';
import { endlessVersions, type Fault, faultOf } from './fault.ts';
import type { NextCursors } from './next-cursors.ts';
import { type ObjectQuery, writeNext } from './object-query.ts';
import { errorReply, type Reply } from './reply.ts';

type Shape = 'objects' | 'manifest' | 'versions';

/** Answers GET objects/, manifest/ and objects/{id}/versions/ (§5.3 to §5.8) with the faults that concern paging. */
export function selectReply(
  store: CollectionStore,
  asked: ObjectQuery,
  shape: Shape,
  { faults, cursors }: { readonly faults: readonly Fault[]; readonly cursors: NextCursors },
): Reply {
  if (!store.canRead) return errorReply(403, 'The collection may not be read');
  const { afterOrdinal: from } = asked.query;
  if (faultOf(faults, 'expire-next') !== undefined && from > 0) {
    return errorReply(400, 'next is unknown or has expired');
  }
  const repeats = faultOf(faults, 'repeat-page') !== undefined;
  const query: VersionQuery = repeats ? { ...asked.query, afterOrdinal: 0 } : asked.query;
  const isList = faultOf(faults, 'shape')?.shape === 'list';
  const selected = store.select(query, isList ? Number.MAX_SAFE_INTEGER : asked.limit);
  const isEndless = faultOf(faults, 'endless') !== undefined;
  const versions = isEndless ? endlessVersions(from, asked.limit, selected.versions.at(-1)) : selected.versions;
  const goesOn = isEndless || selected.more || faultOf(faults, 'always-more') !== undefined;
  const paging: Record<string, unknown> = {};
  if (goesOn && faultOf(faults, 'omit-more') === undefined) paging['more'] = true;
  // A page that repeats names another next each time, as servers do that count requests.
  const end = (versions.at(-1)?.ordinal ?? from) + (repeats ? from : 0);
  if (asked.cursor !== null) cursors.move(asked.cursor, end);
  if (goesOn && faultOf(faults, 'omit-next') === undefined) {
    const isKept = asked.cursor !== null || faultOf(faults, 'moving-next') !== undefined;
    paging['next'] = isKept ? (asked.cursor ?? cursors.issue(end)) : writeNext(end);
  }
  return { status: 200, headers: dateHeaders(versions, faults), body: bodyOf(versions, paging, shape, faults) };
}

function bodyOf(
  versions: readonly StoredVersion[],
  paging: Record<string, unknown>,
  shape: Shape,
  faults: readonly Fault[],
): unknown {
  if (shape === 'versions')
    return withList(
      paging,
      'versions',
      versions.map(({ version }) => version),
    );
  if (shape === 'manifest') return withList(paging, 'objects', versions.map(manifestEntry));
  const objects = versions.map(({ object }) => object);
  switch (faultOf(faults, 'shape')?.shape) {
    case 'list':
      return objects;
    case 'bundle':
      return { type: 'bundle', id: 'bundle--00000000-0000-4000-8000-000000000000', objects, ...paging };
    case undefined:
      return withList(paging, 'objects', objects);
  }
}

/** Empty lists are forbidden (§1.5): an empty answer is `{}`. */
function withList(paging: Record<string, unknown>, name: string, list: readonly unknown[]): Record<string, unknown> {
  return list.length === 0 ? paging : { ...paging, [name]: list };
}

function manifestEntry({ id, dateAdded, version }: StoredVersion): Record<string, string> {
  return { id, date_added: dateAdded, version, media_type: 'application/stix+json;version=2.1' };
}

/** The headers that tell the dates of the first and the last object of a page. */
export function dateHeaders(versions: readonly StoredVersion[], faults: readonly Fault[]): Record<string, string> {
  const fault = faultOf(faults, 'date-headers');
  if (fault?.value === null) return {};
  const first = fault?.value ?? versions[0]?.dateAdded;
  const last = fault?.value ?? versions.at(-1)?.dateAdded;
  if (first === undefined || last === undefined) return {};
  return { 'x-taxii-date-added-first': first, 'x-taxii-date-added-last': last };
}

/** The collection resource (§5.2.1). */
export function collectionBody(store: CollectionStore, objectsType: string): Record<string, unknown> {
  return {
    id: store.id,
    title: store.title,
    ...(store.alias === null ? {} : { alias: store.alias }),
    can_read: store.canRead,
    can_write: store.canWrite,
    media_types: [objectsType.replace('taxii+json', 'stix+json')],
  };
}
