import { type AllowAction, AllowLists } from '../../src/core/intel/allow-lists.ts';
import type { AllowListDocument, AllowListReading, AllowListSource } from '../../src/core/intel/allow-list-source.ts';
import { excludedSet } from './engine-builder.ts';

/** Lists of these ranges, named by their place: list-0 first. */
export function allowListsOf(...lists: readonly (readonly [AllowAction, ...string[]])[]): AllowLists {
  return new AllowLists(
    lists.map(([action, ...ranges], at) => ({ name: `list-${at}`, action, ranges: excludedSet(ranges) })),
  );
}

/** A list whose documents a test writes: texts by path, or the error that reading them throws. */
export class MemoryAllowList implements AllowListSource {
  readonly name: string;
  readonly action: AllowAction;
  texts: Readonly<Record<string, string>> | Error;
  readings = 0;

  constructor(name: string, action: AllowAction, texts: Readonly<Record<string, string>> | Error) {
    this.name = name;
    this.action = action;
    this.texts = texts;
  }

  read(known: string | null): Promise<AllowListReading> {
    this.readings += 1;
    if (this.texts instanceof Error) return Promise.reject(this.texts);
    const documents: AllowListDocument[] = Object.entries(this.texts).map(([path, text]) => ({ path, text }));
    const fingerprint = JSON.stringify(documents);
    return Promise.resolve({ fingerprint, documents: fingerprint === known ? null : documents });
  }
}
