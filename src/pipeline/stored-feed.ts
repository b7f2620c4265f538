/** A feed whose set is held, as a commit names it. */
export interface PersistedFeed {
  readonly name: string;
  readonly cursor: string | null;
  /** Changes with every change of cursor or set; 0 as restored. */
  readonly revision: number;
}

/** The set of a feed as it was exported, with the cursor it belongs to. */
export interface StoredFeed {
  readonly name: string;
  readonly cursor: string | null;
  readonly bytes: Uint8Array;
}
