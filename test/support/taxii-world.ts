import { IndicatorCatalogue } from '../../src/core/intel/catalogue.ts';
import type { SourceSettings } from '../../src/core/intel/indicator-reader.ts';
import type { StixObject } from '../../src/core/intel/stix-object.ts';
import { FeedError } from '../../src/core/feed-error.ts';
import type { IndicatorFeed } from '../../src/core/ports.ts';
import type { CollectionStore } from '../../src/dev/taxii-server/collection-store.ts';
import type { Fault } from '../../src/dev/taxii-server/fault.ts';
import { TaxiiServer } from '../../src/dev/taxii-server/server.ts';
import { wholeOf, type WholeUpdate } from './feed-updates.ts';
import { sampleIndicator } from './stix-samples.ts';
import { type Change, deceives, type History, type Step } from './taxii-arbitraries.ts';
import { COLLECTION, START_MS, TaxiiRig } from './taxii-rig.ts';

const source: SourceSettings = { name: 'rig', defaultConfidence: null, tlp: '', maxAgeMs: 1000, useDstRef: false };
const walkPages = 150;
const token = 't0ken-value';

/** How far a date may lie behind the newest of a poll and still be found by the next one, less what clocks drift. */
const sameDateMs = 4 * 60_000;

/** What one poll came to. */
export interface Polled {
  readonly update: WholeUpdate | null;
  readonly error: FeedError | null;
  readonly requests: number;
  /** Whether the server's objects changed while it was polled. */
  readonly disturbed: boolean;
}

/** Requests that one poll can need: each walk and its restarts, each page and the waits before it. */
export const requestsMost = 3 * (walkPages + 60);

/** A server that plays a history, and a catalogue that is kept by polling it, in the manner of the service. */
export class TaxiiWorld {
  readonly #rig: TaxiiRig;
  readonly #elsewhere: TaxiiServer;
  readonly #catalogue = new IndicatorCatalogue(1_000_000);
  readonly #history: History;
  /** Those since the last mending. */
  readonly #faults: Fault[] = [];
  #feed: IndicatorFeed;
  #cursor: string | null = null;
  #added = 0;
  #version = 0;
  #lastAddMs = 0;
  #driftMs = 0;

  private constructor(rig: TaxiiRig, elsewhere: TaxiiServer, history: History) {
    this.#rig = rig;
    this.#elsewhere = elsewhere;
    this.#history = history;
    this.#feed = rig.feed;
  }

  static async start(history: History): Promise<TaxiiWorld> {
    const { versions, pageSize, limit, skewMs } = history;
    const auth = { type: 'bearer', token } as const;
    const elsewhere = await TaxiiServer.start({
      now: () => START_MS,
      collections: [{ id: COLLECTION, title: 'Elsewhere', objects: [] }],
      auth,
    });
    const clock: { now: () => number } = { now: () => START_MS + skewMs };
    const rig = await TaxiiRig.start({
      server: { versions, pageSize, auth, now: () => clock.now() },
      settings: { version: null, limit, auth },
      limits: { walkPages, pageBytes: 100_000, walkObjects: 10_000 },
      path: '/',
    });
    const world = new TaxiiWorld(rig, elsewhere, history);
    clock.now = () => world.#serverNow();
    return world;
  }

  /** Plays a step; what came of it when it was a poll. */
  async play(step: Step): Promise<Polled | null> {
    const { faults } = this.#rig.server;
    switch (step.kind) {
      case 'pass':
        this.#rig.clock.advance(step.ms);
        return null;
      case 'drift':
        this.#driftMs = step.ms;
        return null;
      case 'fault':
        if (deceives([...this.#faults, ...step.faults])) return null;
        this.#faults.push(...step.faults);
        for (const fault of step.faults) faults.add(this.#located(fault));
        return null;
      case 'mend':
        faults.clear();
        this.#faults.length = 0;
        return null;
      case 'restart':
        this.#feed = this.#rig.reopened();
        return null;
      case 'poll':
        return await this.#poll(step.meanwhile);
      default:
        this.#change(step);
        return null;
    }
  }

  /** Id and state of every object that the server has. */
  truth(): Map<string, string> {
    const query = { addedAfter: null, ids: null, types: null, specVersions: null, versions: ['last'], afterOrdinal: 0 };
    const { versions } = this.#store.select(query, Number.MAX_SAFE_INTEGER);
    return new Map(versions.map(({ id, object }) => [id, stateOf(object)]));
  }

  /** Id and state of every object that the catalogue holds. */
  held(): Map<string, string> {
    const ids = Array.from({ length: this.#added }, (_, number) => String(sampleIndicator(number)['id']));
    const held = ids.flatMap((id) => {
      const indicator = this.#catalogue.indicator(source.name, id);
      return indicator === undefined ? [] : ([[id, stateOf({ ...indicator })]] as const);
    });
    return new Map(held);
  }

  /** Objects held that the server never had. */
  get foreign(): number {
    return this.#catalogue.weight - this.held().size;
  }

  /** Credentials that reached another host than the feed's. */
  get leaked(): number {
    return this.#elsewhere.requests.filter(({ headers }) => JSON.stringify(headers).includes(token)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#rig[Symbol.asyncDispose](), this.#elsewhere.stop()]);
  }

  get #store(): CollectionStore {
    return this.#rig.server.collection(COLLECTION);
  }

  #serverNow(): number {
    return this.#rig.clock.now() + this.#history.skewMs + this.#driftMs;
  }

  /** Polls once and takes what it brought, or nothing. */
  async #poll(meanwhile: { readonly at: number; readonly change: Change } | null): Promise<Polled> {
    const { server } = this.#rig;
    server.requests.length = 0;
    let pages = 0;
    let disturbed = false;
    server.onRequest = ({ resource }) => {
      if (resource !== 'objects' || meanwhile === null) return;
      if (pages === meanwhile.at) {
        this.#change(meanwhile.change);
        disturbed = true;
      }
      pages += 1;
    };
    try {
      const update = await wholeOf(this.#feed.poll(this.#cursor, new AbortController().signal));
      const applied = this.#catalogue.apply(source, update.objects, { full: update.full });
      if (!applied.applied) throw new Error(applied.message);
      this.#cursor = update.cursor;
      return { update, error: null, requests: server.requests.length, disturbed };
    } catch (error) {
      if (!(error instanceof FeedError)) throw error;
      return { update: null, error, requests: server.requests.length, disturbed };
    } finally {
      server.onRequest = null;
    }
  }

  #change(change: Change): void {
    const store = this.#store;
    switch (change.kind) {
      case 'add': {
        const { count, dates } = change;
        const objects = Array.from({ length: count }, (_, index) => this.#newer(this.#added + index, false));
        this.#added += count;
        const isRecent = this.#rig.clock.now() - this.#lastAddMs <= sameDateMs;
        store.add(objects, { dates: dates === 'last' && !isRecent ? 'one' : dates });
        if (dates !== 'last' || !isRecent) this.#lastAddMs = this.#rig.clock.now();
        return;
      }
      case 'renew':
        for (const number of this.#numbers(change.picks)) store.add([this.#newer(number, change.revoked)]);
        return;
      case 'vanish':
        store.remove(this.#numbers(change.picks).map((number) => String(sampleIndicator(number)['id'])));
        return;
      case 'rescore':
        for (const number of this.#numbers(change.picks)) this.#rescore(number);
    }
  }

  /** Numbers of objects that were added, chosen by numbers of any size. */
  #numbers(picks: readonly number[]): number[] {
    return this.#added === 0 ? [] : [...new Set(picks.map((pick) => pick % this.#added))];
  }

  #newer(number: number, revoked: boolean): StixObject {
    this.#version += 1;
    const modified = new Date(START_MS + this.#version * 1000).toISOString();
    return sampleIndicator(number, { modified, revoked, description: `version ${this.#version}` });
  }

  #rescore(number: number): void {
    const id = String(sampleIndicator(number)['id']);
    const query = { addedAfter: null, ids: [id], types: null, specVersions: null, versions: ['last'], afterOrdinal: 0 };
    const [newest] = this.#store.select(query, 1).versions;
    if (newest === undefined) return;
    this.#version += 1;
    this.#store.remove([id]);
    this.#store.add([{ ...newest.object, description: `rescored ${this.#version}` }]);
  }

  /** A redirect with its place filled in: one on the server itself, by which the query gets lost, or to another host. */
  #located(fault: Fault): Fault {
    if (fault.kind !== 'redirect') return fault;
    const root = this.#history.versions.includes('2.1') ? '/api/' : '/api20/';
    const path = `${root}collections/${COLLECTION}/objects/`;
    return { ...fault, on: 'objects', location: fault.location === 'here' ? path : `${this.#elsewhere.origin}${path}` };
  }
}

function stateOf(object: StixObject): string {
  return `${String(object['modified'])} ${object['revoked'] === true ? 'revoked' : ''} ${String(object['description'])}`;
}
