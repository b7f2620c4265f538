import type { FactTable } from './fact-table.ts';
import type { VersionedFact } from './fact.ts';
import type { Indicator, Tlp } from './indicator.ts';
import type { SourceSettings } from './indicator-reader.ts';

/** The newest version of one indicator, with what decides how its feed goes on with it. */
export interface HeldIndicator {
  /** As the indicator says it itself, without what the rest of its feed adds. */
  readonly indicator: Indicator;
  /** Key of `indicator.modified`, by which versions are ordered. */
  readonly version: string;
  readonly ownTlp: Tlp;
  /** Markings whose ids are not fixed: the feed may define them. */
  readonly markings: readonly string[];
  /** Id of the identity that made it, "" when it names none. */
  readonly creator: string;
}

/** Everything that is held of one feed at one moment: from it the feed goes on as if nothing had happened. */
export interface FeedContent {
  readonly settings: SourceSettings;
  /** Objects that named no indicator and no version, since the last full set. */
  readonly invalid: number;
  /** How many indicators are held. */
  readonly size: number;
  /** Each id once. */
  readonly held: Iterable<HeldIndicator>;
  readonly facts: FactTable;
}

/** A content on its way from bytes: what is held can be walked once, and the facts once after that. */
export interface StoredContent extends Omit<FeedContent, 'facts'> {
  readonly facts: Iterable<readonly [id: string, fact: VersionedFact]>;
}
