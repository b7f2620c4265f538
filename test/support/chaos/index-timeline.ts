import type { StixObject } from '../../../src/core/intel/stix-object.ts';
import { feedName } from '../e2e/flush-rows.ts';
import { activeIndicators } from '../reference/reference-indicators.ts';
import { ruleSource } from '../rule-input.ts';
import type { Evidence } from './evidence.ts';
import type { SentAlert } from './history.ts';
import { judgedBy } from './setting.ts';
import type { FeedChange } from './world-addresses.ts';

/**
 * What the feed had brought by when, read off the alerts: a change counts from the first alert of its address that only
 * it can have raised. Before that alert it had no effect that anyone could see.
 */
export class IndexTimeline {
  readonly #initial: readonly StixObject[];
  readonly #changes: readonly { readonly change: FeedChange; readonly sinceMs: number }[];

  constructor({ initial, changes }: Pick<Evidence, 'initial' | 'changes'>, history: readonly SentAlert[]) {
    this.#initial = initial;
    this.#changes = changes.map((change) => ({ change, sinceMs: firstShown(change, history) }));
  }

  /** The versions of indicators that were held at an instant. */
  at(ms: number): readonly StixObject[] {
    const taken = this.#changes.filter(({ sinceMs }) => sinceMs <= ms).map(({ change }) => change.object);
    return [...this.#initial, ...taken];
  }

  /** Whether an indicator that was held at an instant names an address. */
  names(ip: string, ms: number): boolean {
    const objects = this.at(ms).map((object) => ({ source: { ...ruleSource, name: feedName }, object }));
    return activeIndicators(objects, ms, judgedBy.minConfidence).some(({ covers }) => covers(ip));
  }

  /** Changes that never showed. */
  get unseen(): readonly FeedChange[] {
    return this.#changes.filter(({ sinceMs }) => sinceMs === Number.POSITIVE_INFINITY).map(({ change }) => change);
  }
}

function firstShown(change: FeedChange, history: readonly SentAlert[]): number {
  const shows = ({ alert }: SentAlert): boolean =>
    alert.ip === change.address && (change.adds || alert.closeReason === 'indicator-revoked');
  return Math.min(...history.filter(shows).map(({ emittedMs }) => emittedMs));
}
