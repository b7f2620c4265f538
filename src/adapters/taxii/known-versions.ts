import { createHash } from 'node:crypto';
import type { StixObject } from '../../core/intel/stix-object.ts';
import { compareDateAdded, shiftDateAdded } from './date-added.ts';
import type { WalkResult } from './walk.ts';

/**
 * How far before its last date a poll begins: a server may stamp an object's date before it commits it, so that a
 * date can appear in the past of one that was already given.
 */
export const OVERLAP_MS = 10 * 60_000;

/** Microseconds, negative: what is added to the last date to get the next walk's added_after. */
export const OVERLAP_SHIFT_MICROS = -OVERLAP_MS * 1000;

/**
 * The object versions a walk gave that the next one, because of the overlap, will give again. A version is known by its
 * whole content, since some feeds rescore an object without touching `modified`.
 */
export class KnownVersions {
  /** Names the set: equal for equal sets. */
  readonly digest: string;
  readonly #versions: ReadonlySet<string>;

  private constructor(versions: ReadonlySet<string>) {
    this.#versions = versions;
    this.digest = createHash('sha256')
      .update([...versions].sort().join())
      .digest('base64url')
      .slice(0, 16);
  }

  /** At most `most` of the newest versions; what is left out only comes twice. */
  static ofWalk(walk: WalkResult, most: number): KnownVersions {
    const versions = new Set<string>();
    const from = walk.last === null ? null : shiftDateAdded(walk.last, OVERLAP_SHIFT_MICROS);
    for (const page of walk.pages.toReversed()) {
      if (from !== null && page.last !== null && compareDateAdded(page.last, from) <= 0) break;
      for (const object of page.objects.toReversed()) {
        if (versions.size >= most) return new KnownVersions(versions);
        versions.add(contentKey(object));
      }
    }
    return new KnownVersions(versions);
  }

  has(object: StixObject): boolean {
    return this.#versions.size > 0 && this.#versions.has(contentKey(object));
  }
}

function contentKey(object: StixObject): string {
  return createHash('sha256').update(JSON.stringify(object)).digest('base64url').slice(0, 22);
}
