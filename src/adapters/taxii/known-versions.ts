import { hash } from 'node:crypto';
import { setImmediate as letOthersRun } from 'node:timers/promises';
import type { StixObject } from '../../core/intel/stix-object.ts';
import { compareDateAdded } from './date-added.ts';
import type { WalkResult } from './walk.ts';

/**
 * The object versions a walk gave that the next one, because of the overlap, will give again. A version is known by its
 * whole content, since some feeds rescore an object without touching `modified`.
 */
export class KnownVersions {
  /** Names the set: equal for equal sets. */
  readonly digest: string;
  readonly #versions: ReadonlySet<string>;

  static readonly none = new KnownVersions(new Set());

  private constructor(versions: ReadonlySet<string>) {
    this.#versions = versions;
    this.digest = hash('sha256', [...versions].sort().join(), 'base64url').slice(0, 16);
  }

  /** At most `most` of the newest versions; what is left out only comes twice. Lets others run between pages. */
  static async ofWalk(walk: WalkResult, most: number): Promise<KnownVersions> {
    const versions = new Set<string>();
    const from = walk.end?.from ?? null;
    for (const page of walk.pages.toReversed()) {
      if (from !== null && page.last !== null && compareDateAdded(page.last, from) <= 0) break;
      for (const object of page.objects.toReversed()) {
        if (versions.size >= most) return new KnownVersions(versions);
        versions.add(contentKey(object));
      }
      await letOthersRun();
    }
    return new KnownVersions(versions);
  }

  /** The objects of a walk that are not known, in their order. Lets others run between pages. */
  async unknownOf(walk: WalkResult): Promise<readonly StixObject[]> {
    if (this.#versions.size === 0) return walk.pages.flatMap(({ objects }) => objects);
    const unknown: (readonly StixObject[])[] = [];
    for (const { objects } of walk.pages) {
      unknown.push(objects.filter((object) => !this.#versions.has(contentKey(object))));
      await letOthersRun();
    }
    return unknown.flat();
  }
}

function contentKey(object: StixObject): string {
  return hash('sha256', JSON.stringify(object), 'base64url').slice(0, 22);
}
