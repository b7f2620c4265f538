import type { AllowAction } from './allow-lists.ts';

/** A file of an allow list. */
export interface AllowListDocument {
  readonly path: string;
  readonly text: string;
}

/** What a look at an allow list brought. */
export interface AllowListReading {
  /** Opaque; equal for equal documents. */
  readonly fingerprint: string;
  /** Null when they are those of the fingerprint that was given. */
  readonly documents: readonly AllowListDocument[] | null;
}

/** A port: where an allow list is read from. */
export interface AllowListSource {
  readonly name: string;
  readonly action: AllowAction;
  /** The documents of the list. Throws AllowListError when one of them cannot be read. */
  read(fingerprint: string | null): Promise<AllowListReading>;
}
