import { setLimits } from '../alert/row.ts';
import type { ActivityObservation, Identity } from '../observation.ts';
import { earlier, later, type EventTime } from '../time.ts';
import { EarliestSet, earliestForm, type Member } from './earliest-set.ts';

/** Bytes that one record identity is reckoned at: a string of eight 16-bit units and its place in a Set. */
export const identityBytes = 72;

const paneBytes = 1200;

/** Most object ids of one caller that are kept for corroboration. */
const objectIdsMax = 64;

/**
 * What one caller did from one address in one pane. A mergeable aggregate: merging is associative and commutative, so a
 * window is the merge of its panes and the order of records does not matter.
 */
export class ActivityPane {
  readonly identities = new Set<Identity>();
  /** Records counted without an identity: they count each time they arrive. */
  anonymous = 0;
  /** Whether the bound on identities was met, so that copies may have been counted. */
  inexact = false;
  first: EventTime | null = null;
  last: EventTime | null = null;
  caller: Member | null = null;
  readonly operations = new EarliestSet(setLimits.Operations);
  readonly subscriptionIds = new EarliestSet(setLimits.SubscriptionIds);
  readonly resourceGroups = new EarliestSet(setLimits.ResourceGroups);
  readonly resources = new EarliestSet(setLimits.AffectedResources);
  readonly objectIds = new EarliestSet(objectIdsMax);
  /** Number of the newest addition, 0 when nothing was added; the engine numbers additions. */
  added = 0;
  /** Number of the newest addition that came after its flush. */
  addedLate = 0;

  get count(): number {
    return this.identities.size + this.anonymous;
  }

  get bytes(): number {
    return (
      paneBytes +
      this.identities.size * identityBytes +
      this.operations.bytes +
      this.subscriptionIds.bytes +
      this.resourceGroups.bytes +
      this.resources.bytes +
      this.objectIds.bytes
    );
  }

  /** Counts an observation. False for a copy that added nothing. */
  add(observation: ActivityObservation, identity: Identity | null): boolean {
    const { time } = observation;
    const isNew = identity === null || !this.identities.has(identity);
    if (identity === null) this.anonymous += 1;
    else this.identities.add(identity);
    this.first = this.first === null ? time : earlier(this.first, time);
    this.last = this.last === null ? time : later(this.last, time);
    this.caller = earliestForm(this.caller, { time, form: observation.caller });
    const grew = [
      this.operations.add(observation.operation, time),
      this.subscriptionIds.add(observation.subscriptionId, time),
      this.resourceGroups.add(observation.resourceGroup, time),
      this.resources.add(observation.resourceId, time),
      this.objectIds.add(observation.objectId, time),
    ];
    return isNew || grew.includes(true);
  }

  /** Counts an observation without its sets, for when the pinned bound is met. False for a copy. */
  addUncharted(observation: ActivityObservation, identity: Identity | null): boolean {
    const { time } = observation;
    const isNew = identity === null || !this.identities.has(identity);
    if (identity === null) this.anonymous += 1;
    else this.identities.add(identity);
    this.first = this.first === null ? time : earlier(this.first, time);
    this.last = this.last === null ? time : later(this.last, time);
    return isNew;
  }

  merge(other: ActivityPane): void {
    for (const identity of other.identities) this.identities.add(identity);
    this.anonymous += other.anonymous;
    this.inexact ||= other.inexact;
    if (other.first !== null) this.first = this.first === null ? other.first : earlier(this.first, other.first);
    if (other.last !== null) this.last = this.last === null ? other.last : later(this.last, other.last);
    this.caller = earliestForm(this.caller, other.caller);
    this.operations.merge(other.operations);
    this.subscriptionIds.merge(other.subscriptionIds);
    this.resourceGroups.merge(other.resourceGroups);
    this.resources.merge(other.resources);
    this.objectIds.merge(other.objectIds);
    this.added = Math.max(this.added, other.added);
    this.addedLate = Math.max(this.addedLate, other.addedLate);
  }
}
