import type { Address } from '../core/address.ts';
import type { RangeSet } from '../core/address-range.ts';
import { describeIndicators, validSightings } from '../core/alert/judge.ts';
import type { Lookup } from '../core/alert/lookup.ts';
import { formatRange, widestBlock } from '../core/address-block.ts';
import type { Engine } from '../core/engine.ts';
import type { IndicatorCatalogue } from '../core/intel/catalogue.ts';
import type { AdmissionRule } from '../core/intel/admission.ts';
import { explainAddress, type Naming, type NamingIndicator } from '../core/intel/explanation.ts';
import type { FeedCounts } from '../core/intel/feed-counts.ts';
import { statedConfidenceOf } from '../core/intel/feed-policy.ts';
import { formatIndexVersion } from '../core/intel/index-version.ts';
import { listSkipped, type SkippedIndicator, type SkippedQuery } from '../core/intel/skipped-list.ts';
import type { Clock, RealTime } from '../core/ports.ts';
import { Sliced } from '../core/sliced.ts';
import { formatMs } from '../core/time.ts';
import type { Readiness } from './health-report.ts';
import { verdictOf } from './intel-verdict.ts';
import type {
  AddressView,
  Awaitable,
  FeedIntel,
  IntelIndicator,
  IntelObservable,
  IntelView,
  ServiceViews,
  SkippedItem,
  SkippedView,
} from './views.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { Turns } from './turns.ts';
import { addressView } from './window-views.ts';

/** An address as the windows and lookups of one moment show it. */
export interface IntelSubject {
  readonly view: AddressView;
  readonly lookup: Lookup;
  readonly standing: IntelView['standing'];
}

/** What the views of the indicators are read from. */
interface IntelSource {
  /** Ranges of which nothing is ever kept. */
  readonly excluded: RangeSet;
  readonly subjectOf: (address: Address) => Awaitable<IntelSubject>;
  readonly catalogue: IndicatorCatalogue;
  readonly minConfidence: number;
  /** Names of the configured feeds. */
  readonly feeds: readonly string[];
  readonly clock: Clock;
  readonly realTime: RealTime;
  readonly yieldTurn: () => Promise<void>;
  readonly readiness: () => Readiness;
}

/** As IntelSource, of one engine that holds every address. */
export interface IntelInput extends Omit<IntelSource, 'excluded' | 'subjectOf'> {
  readonly engine: Engine;
}

/** Longest stretch of a walk over the indicators before other work has its turn. */
const turnMs = 4;

/** Longest pattern that is shown: a page holds up to a thousand. */
const patternMax = 500;

/** Longest description that is shown. */
const descriptionMax = 500;

function formatTime(ms: number): string {
  return formatMs(Math.floor(ms));
}

function observableOf({ range, value, validFromMs, validUntilMs, reason }: Naming): IntelObservable {
  return {
    value,
    range: formatRange(range),
    validFrom: validFromMs === null ? null : formatTime(validFromMs),
    validUntil: formatTime(validUntilMs),
    counts: reason === null,
    reason,
  };
}

function indicatorOf({ indicator, reason, namings }: NamingIndicator): IntelIndicator {
  const { source, id, confidence, modified, validFromMs, validUntilMs, validUntilGiven, revoked } = indicator;
  const { types, labels, tlp, actors, skipped, sourceName = '', revocationIgnored = false } = indicator;
  return {
    source,
    id,
    sourceName,
    counts: reason === null,
    reason,
    observables: namings.map(observableOf),
    confidence,
    statedConfidence: statedConfidenceOf(indicator),
    modified,
    validFrom: validFromMs === null ? null : formatTime(validFromMs),
    validUntil: formatTime(validUntilMs),
    validUntilGiven,
    revoked,
    revocationIgnored,
    description: indicator.description.slice(0, descriptionMax),
    pattern: indicator.pattern.slice(0, patternMax),
    types,
    labels,
    tlp,
    actors,
    skipped,
  };
}

function skippedItem({ indicator, reasons }: SkippedIndicator): SkippedItem {
  const { source, id, modified, confidence, pattern } = indicator;
  return { source, id, reasons, modified, confidence, pattern: pattern.slice(0, patternMax) };
}

function feedIntel({ source, held, indexed, skipped, unidentified, revocationsIgnored }: FeedCounts): FeedIntel {
  return { source, held, indexed, skipped: Object.fromEntries(skipped), unidentified, revocationsIgnored };
}

function standingOf({ store }: Engine, address: Address): IntelView['standing'] {
  if (store.isPinned(address)) return 'pinned';
  return store.get(address) === undefined ? 'unknown' : 'candidate';
}

/** An address as an engine that holds it shows it. */
export function subjectIn(engine: Engine, address: Address, nowMs: number): IntelSubject {
  const { lookup } = engine;
  return { view: addressView(engine, address, nowMs), lookup, standing: standingOf(engine, address) };
}

function ruleOf({ excluded, minConfidence }: IntelSource): AdmissionRule {
  return { minConfidence, excluded };
}

async function intelView(input: IntelSource, address: Address, turns: Turns): Promise<IntelView> {
  const { catalogue, clock, subjectOf } = input;
  const rule = ruleOf(input);
  const { view, lookup, standing } = await subjectOf(address);
  const nowMs = clock.now();
  // Everything that is state is read before the first pause.
  const readiness = input.readiness();
  const matching = describeIndicators(validSightings(lookup.index.lookup(address), nowMs));
  const allowLists = lookup.allowLists.covering(address).map(({ name, action }) => ({ name, action }));
  const indexVersion = formatIndexVersion(lookup.index.version);
  const explanation = await turns.finish(new Sliced(explainAddress(catalogue.held(), address, rule, nowMs)));
  const block = widestBlock(rule.excluded, address);
  const excludedBy = block === null ? null : formatRange(block);
  const isDropped = allowLists.some(({ action }) => action === 'drop');
  const isPending = explanation.counting !== matching.length;
  return {
    ...view,
    verdict: verdictOf({ readiness, excludedBy, allowLists, explanation, isPending }),
    matches: readiness.ready && excludedBy === null && !isDropped && explanation.counting > 0,
    excludedBy,
    allowLists,
    standing,
    indexVersion,
    named: explanation.named,
    counting: explanation.counting,
    indicators: explanation.indicators.map(indicatorOf),
  };
}

async function skippedView(input: IntelSource, query: SkippedQuery, turns: Turns): Promise<SkippedView> {
  const { catalogue, clock } = input;
  const asOf = formatTime(clock.now());
  const feeds = catalogue.counts().map(feedIntel);
  const { items, nextCursor } = await turns.finish(new Sliced(listSkipped(catalogue.held(), ruleOf(input), query)));
  return { asOf, feeds, items: items.map(skippedItem), nextCursor };
}

/** What the API shows of the indicators. */
export function intelViewsOf(input: IntelSource): Pick<ServiceViews, 'feeds' | 'intel' | 'skipped'> {
  const turns = new Turns({ ...input, turnMs });
  // Many requests then slow each other down, and not what is read.
  const walks = new OneAtATime();
  return {
    feeds: () => input.feeds,
    intel: (address) => walks.run(() => intelView(input, address, turns)),
    skipped: (query) => walks.run(() => skippedView(input, query, turns)),
  };
}

/** As intelViewsOf(), of one engine that holds every address. */
export function intelViews({ engine, ...input }: IntelInput): Pick<ServiceViews, 'feeds' | 'intel' | 'skipped'> {
  const subjectOf = (address: Address): IntelSubject => subjectIn(engine, address, input.clock.now());
  return intelViewsOf({ ...input, excluded: engine.options.observation.excluded, subjectOf });
}
