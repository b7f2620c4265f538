import { resolve } from 'node:path';
import { quoted, unless, type JointRule } from './joint-rule.ts';

/** A place such as blob:PREFIX or file:FOLDER. */
interface Place {
  readonly kind: 'blob' | 'file';
  /** The prefix or the folder. */
  readonly name: string;
}

function placeOf(text: string): Place | null {
  const [, kind, name = ''] = /^(blob|file):(.*)$/s.exec(text) ?? [];
  return kind === 'blob' || kind === 'file' ? { kind, name } : null;
}

/** A prefix that does not end in a slash would make the names of the state longer instead of a folder around them. */
function isStatePlace(place: Place | null): boolean {
  if (place?.kind === 'blob') return place.name === '' || place.name.endsWith('/');
  return place !== null && place.name !== '';
}

/** Where the names lie that a place gives: up to the last slash of a prefix, or the folder. */
function folderOf({ kind, name }: Place): string {
  return kind === 'blob' ? `blob:${name.slice(0, name.lastIndexOf('/') + 1)}` : `file:${resolve(name)}`;
}

/** Dead letters among the blobs of the state would be taken for blobs that an owner before left behind, and deleted. */
function isSameFolder(state: string, deadLetters: string): boolean {
  const [first, second] = [placeOf(state), placeOf(deadLetters)];
  if (first === null || second === null || !isStatePlace(first) || second.name === '') return false;
  return folderOf(first) === folderOf(second);
}

/** What holds between the options of storage and of what is kept there. */
export const storageRules: readonly JointRule[] = [
  {
    names: ['storageConnectionString', 'storageAccountUrl'],
    problems: ({ storageConnectionString, storageAccountUrl }) => [
      ...unless(
        storageConnectionString !== null || storageAccountUrl !== null,
        'Cannot reach Blob storage as neither STORAGE_CONNECTION_STRING nor STORAGE_ACCOUNT_URL is set: set one of them',
      ),
      ...unless(
        storageAccountUrl === null || URL.canParse(storageAccountUrl),
        `Cannot use STORAGE_ACCOUNT_URL as it is no URL such as https://name.blob.core.windows.net: current value is ${quoted(storageAccountUrl ?? '')}`,
      ),
    ],
  },
  {
    names: ['state'],
    problems: ({ state }) =>
      unless(
        isStatePlace(placeOf(state)),
        `Cannot use STATE as it must be blob:PREFIX, with a prefix that is empty or ends in /, or file:FOLDER: current value is ${quoted(state)}`,
      ),
  },
  {
    names: ['deadLetters'],
    problems: ({ deadLetters }) =>
      unless(
        (placeOf(deadLetters)?.name ?? '') !== '',
        `Cannot use DEAD_LETTERS as it must be blob:PREFIX or file:FOLDER: current value is ${quoted(deadLetters)}`,
      ),
  },
  {
    names: ['state', 'deadLetters'],
    problems: ({ state, deadLetters }) =>
      unless(
        !isSameFolder(state, deadLetters),
        `Cannot use DEAD_LETTERS as it lies in the same folder as STATE: current values are ${quoted(deadLetters)} and ${quoted(state)}`,
      ),
  },
  {
    names: ['state', 'leaseDuration'],
    problems: ({ state, leaseDuration }) =>
      placeOf(state)?.kind === 'blob'
        ? unless(
            leaseDuration % 1000 === 0 && leaseDuration >= 15_000 && leaseDuration <= 60_000,
            `Cannot use LEASE_DURATION as with STATE on blobs it must be 15s to 60s in whole seconds: current value is ${leaseDuration} ms`,
          )
        : unless(
            leaseDuration >= 2000,
            `Cannot use LEASE_DURATION as it must be at least 2s: current value is ${leaseDuration} ms`,
          ),
  },
];
