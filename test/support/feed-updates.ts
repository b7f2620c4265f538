import type { StixObject } from '../../src/core/intel/stix-object.ts';
import type { FeedPage, FeedUpdate } from '../../src/core/ports.ts';

/** A poll with everything it brought. */
export interface WholeUpdate {
  readonly objects: readonly StixObject[];
  readonly cursor: string | null;
  readonly full: boolean;
}

/** Fetches all pages of a poll. */
export async function wholeOf(update: FeedUpdate | Promise<FeedUpdate>): Promise<WholeUpdate> {
  const { full, pages } = await update;
  const objects: StixObject[] = [];
  for (;;) {
    const next = await pages.next();
    if (next.done === true) return { objects, cursor: next.value, full };
    if (next.value.again) objects.length = 0;
    objects.push(...next.value.objects);
  }
}

/** A poll that brings objects in one page, or none where there are none. */
export function updateOf({ objects, cursor, full }: WholeUpdate): FeedUpdate {
  return { full, pages: pagesOf(objects.length === 0 ? [] : [{ objects, again: false }], cursor) };
}

/** Pages, and the cursor that follows them, or what is thrown in its place. */
export async function* pagesOf(
  pages: Iterable<FeedPage>,
  cursor: string | null | Error,
): AsyncGenerator<FeedPage, string | null, undefined> {
  for (const page of pages) yield await Promise.resolve(page);
  if (cursor instanceof Error) throw cursor;
  return cursor;
}
