import { hash } from 'node:crypto';
import { setImmediate as letOthersRun } from 'node:timers/promises';
import type { StixObject } from '../../core/intel/stix-object.ts';
import { compareDateAdded } from './date-added.ts';
import type { WalkEnd } from './walk-end.ts';
import type { WalkPage } from './walk.ts';

/**
 * The object versions a walk gave that the next one, because of the overlap, will give again. A version is known by its
 * whole content, since some feeds rescore an object without touching `modified`.
 */
export class KnownVersions {
  /** Names the set: equal for equal sets. */
  readonly digest: string;
  readonly #versions: ReadonlySet<string>;

  static readonly none = new KnownVersions(new Set());

  constructor(versions: ReadonlySet<string>) {
    this.#versions = versions;
    this.digest = hash('sha256', [...versions].sort().join(), 'base64url').slice(0, 16);
  }

  /** The objects that are not known, in their order. */
  unknownAmong(objects: readonly StixObject[]): readonly StixObject[] {
    if (this.#versions.size === 0) return objects;
    return objects.filter((object) => !this.#versions.has(contentKey(object)));
  }
}

/** The newest pages of a walk, as many as can matter to the one after it. */
export class RecentPages {
  readonly #most: number;
  #pages: WalkPage[] = [];
  #objects = 0;

  /** `most` bounds the versions that are known afterwards; what is left out only comes twice. */
  constructor(most: number) {
    this.#most = most;
  }

  add(page: WalkPage): void {
    this.#pages.push(page);
    this.#objects += page.objects.length;
    while (this.#objects - (this.#pages[0]?.objects.length ?? 0) >= this.#most && this.#pages.length > 0)
      this.#objects -= this.#pages.shift()?.objects.length ?? 0;
  }

  /** The versions that come again when the walk ended there. Lets others run between pages. */
  async knownAfter(end: WalkEnd | null): Promise<KnownVersions> {
    const versions = new Set<string>();
    for (const { objects, last } of this.#pages.toReversed()) {
      if (end !== null && last !== null && compareDateAdded(last, end.from) <= 0) break;
      for (const object of objects.toReversed()) {
        if (versions.size >= this.#most) return new KnownVersions(versions);
        versions.add(contentKey(object));
      }
      await letOthersRun();
    }
    return new KnownVersions(versions);
  }
}

function contentKey(object: StixObject): string {
  return hash('sha256', JSON.stringify(object), 'base64url').slice(0, 22);
}
