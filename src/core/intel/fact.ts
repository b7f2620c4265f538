import type { Tlp } from './indicator.ts';

/** What an object says about the indicators beside it. */
export type Fact =
  | { readonly kind: 'actor'; readonly name: string }
  | { readonly kind: 'indicates'; readonly indicatorId: string; readonly targetId: string }
  | { readonly kind: 'identity'; readonly name: string }
  | { readonly kind: 'marking'; readonly tlp: Tlp }
  | { readonly kind: 'withdrawn' };

/** What the newest version of one object says. */
export interface VersionedFact {
  readonly version: string;
  readonly fact: Fact;
}
