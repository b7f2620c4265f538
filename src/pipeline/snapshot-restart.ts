import { formatMs } from '../core/time.ts';
import type { Head, Manifest } from './manifest.ts';
import { stateBlobs, type ManifestName } from './snapshot-head.ts';

/** What a process that starts does with what is stored. */
export interface Restart {
  /** The state it goes on from; null when it reads the last LOOKBACK again. */
  readonly from: ManifestName | null;
  /** Continues "A restart". */
  readonly summary: string;
  /** What it does because a blob is damaged; continues "a restart". */
  readonly consequenceOf: (blob: string) => string;
}

/** The states in the order in which a restart tries them. */
const tried = ['current', 'previous'] as const satisfies readonly ManifestName[];

/** What a restart does when some blobs that the head names are damaged. */
export function restartOf(head: Head | null, damaged: ReadonlySet<string>): Restart {
  const isDamaged = (name: ManifestName): boolean => stateBlobs(head?.[name] ?? null).some((blob) => damaged.has(blob));
  const from = tried.find((name) => (head?.[name] ?? null) !== null && !isDamaged(name)) ?? null;
  const manifest = from && (head?.[from] ?? null);
  const lostFeeds = manifest?.feeds.filter(({ blob }) => damaged.has(blob.name)) ?? [];
  const action = actionOf(head, from, manifest);
  const feeds = lostFeeds.map(({ name }) => name).join(', ');
  return {
    from,
    summary: feeds === '' ? action : `${action}, and fetches whole: ${feeds}`,
    consequenceOf: (blob) => {
      const lost = lostFeeds.find((feed) => feed.blob.name === blob);
      if (lost !== undefined) return `fetches feed ${lost.name} whole`;
      const passedOver = tried.slice(0, from === null ? tried.length : tried.indexOf(from));
      const isWhy = passedOver.some((name) => stateBlobs(head?.[name] ?? null).includes(blob));
      return isWhy ? action : 'does not need it';
    },
  };
}

function actionOf(head: Head | null, from: ManifestName | null, manifest: Manifest | null): string {
  if (manifest !== null)
    return `goes on from the ${from ?? ''} state, generation ${manifest.generation} of ${formatMs(manifest.takenMs)}`;
  const hasState = tried.some((name) => (head?.[name] ?? null) !== null);
  return hasState
    ? 'reads the last LOOKBACK again and fetches every feed whole'
    : 'begins without state and reads the last LOOKBACK';
}
