import { readAllowListSteps } from '../core/intel/allow-list-reader.ts';
import { type AllowList, AllowLists } from '../core/intel/allow-lists.ts';
import type { AllowListSource } from '../core/intel/allow-list-source.ts';
import { Sliced } from '../core/sliced.ts';
import type { ReplayNotes } from './replay-notes.ts';

/** Reads the allow lists as they are now; one that cannot be read covers nothing, and is a problem of the replay. */
export async function readReplayAllowLists(
  sources: readonly AllowListSource[],
  notes: ReplayNotes,
): Promise<AllowLists> {
  const lists: AllowList[] = [];
  for (const source of sources) {
    const { name, action } = source;
    try {
      const { documents } = await source.read(null);
      const { ranges, skipped } = new Sliced(readAllowListSteps(name, documents ?? [])).finish();
      if (skipped > 0) notes.note(`Skipped ${skipped} entries of allow list ${name} that are no CIDR and no address`);
      lists.push({ name, action, ranges });
    } catch (cause) {
      notes.problem(cause instanceof Error ? cause.message : String(cause));
    }
  }
  return new AllowLists(lists);
}
