import { checkBlobName } from '../../src/core/state/blob-name.ts';
import {
  HeadConflictError,
  StateStoreError,
  type StateStore,
  type StateStoreErrorCode,
  type StoredHead,
} from '../../src/core/ports.ts';

export type StoreMethod = keyof StateStore;

export interface StoreCall {
  readonly method: StoreMethod;
  /** The blob, "" for the head and for list(). */
  readonly name: string;
}

export interface StoreFault {
  /** The calls it hits; all when absent. */
  readonly methods?: readonly StoreMethod[];
  /** Default "unavailable". */
  readonly code?: StateStoreErrorCode;
  /** Whether the call takes effect before it fails, as when its answer is lost. Default false. */
  readonly applied?: boolean;
}

interface Head extends StoredHead {
  /** The view that wrote it. */
  readonly writer: MemoryStateStore;
}

interface Place {
  head: Head | null;
  writes: number;
  readonly blobs: Map<string, Uint8Array>;
}

interface Gate {
  readonly methods: readonly StoreMethod[] | undefined;
  readonly opened: Promise<unknown>;
}

const never = new Promise<never>(() => undefined);
const atOnce = (): Promise<void> => Promise.resolve();

/**
 * A state store in memory, with faults to order. It is one process's view: open() gives another process a view of the
 * same state, with faults of its own.
 */
export class MemoryStateStore implements StateStore {
  /** Every call that was made, in order, whether it failed or not. */
  readonly calls: StoreCall[] = [];
  /** What a call waits for before it takes effect: a delay, a scheduler, a gate. */
  before: (call: StoreCall) => Promise<void> = atOnce;
  /** What a call waits for after it took effect. */
  after: (call: StoreCall) => Promise<void> = atOnce;
  /** What goes wrong with a call beside what failNext() ordered, asked right before it would take effect. */
  faultOf: (call: StoreCall) => StoreFault | null = () => null;
  /** Told when the crash that crashAt() ordered happens. */
  onCrash: () => void = () => undefined;
  readonly #place: Place;
  #faults: { left: number; readonly fault: StoreFault }[] = [];
  #crash: { call: number; readonly when: 'before' | 'after' } | null = null;
  #crashed = false;
  readonly #gates = new Set<Gate>();

  constructor(place: Place = { head: null, writes: 0, blobs: new Map() }) {
    this.#place = place;
  }

  /** A view for another process, or for this one after a restart. */
  open(): MemoryStateStore {
    return new MemoryStateStore(this.#place);
  }

  /** The next `count` calls that the fault hits reject with StateStoreError. Faults are used up in order. */
  failNext(count: number, fault: StoreFault = {}): void {
    this.#faults.push({ left: count, fault });
  }

  /** Ends every fault that failNext() ordered. */
  heal(): void {
    this.#faults = [];
  }

  /**
   * The process of this view dies right before or right after the effect of a call, counted from 0 at the next one: that
   * call and all later ones never settle and, from then on, do nothing.
   */
  crashAt(call: number, when: 'before' | 'after'): void {
    this.#crash = { call, when };
  }

  /** Whether the crash that crashAt() ordered has happened. */
  get crashed(): boolean {
    return this.#crashed;
  }

  /** Keeps calls from taking effect until the function that it gives is called. */
  hold(methods?: readonly StoreMethod[]): () => void {
    const { promise, resolve } = Promise.withResolvers<null>();
    const gate = { methods, opened: promise };
    this.#gates.add(gate);
    return () => {
      this.#gates.delete(gate);
      resolve(null);
    };
  }

  /** Cuts a blob, "" for the head, to its first bytes. */
  truncate(name: string, length: number): void {
    this.#damage(name, (bytes) => bytes.slice(0, length));
  }

  /** Flips bits of one byte of a blob, "" for the head. */
  corrupt(name: string, index: number, mask = 0xff): void {
    this.#damage(name, (bytes) => bytes.with(index, (bytes[index] ?? 0) ^ mask));
  }

  /** Names and bytes of what is kept now, without the head, past every fault. */
  contents(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.#place.blobs].map(([name, bytes]) => [name, bytes.slice()]));
  }

  /** What the head holds now, null when there is none, past every fault. */
  headBytes(): Uint8Array | null {
    return this.#place.head?.bytes.slice() ?? null;
  }

  readHead(): Promise<StoredHead | null> {
    return this.#run({ method: 'readHead', name: '' }, () => {
      const { head } = this.#place;
      return head && { bytes: head.bytes.slice(), tag: head.tag };
    });
  }

  writeHead(bytes: Uint8Array, tag: string | null): Promise<string> {
    const copy = bytes.slice();
    return this.#run({ method: 'writeHead', name: '' }, () => {
      const { head } = this.#place;
      if ((head?.tag ?? null) !== tag) {
        // A retry of a write whose answer was lost.
        if (head?.writer === this && isSame(head.bytes, copy)) return head.tag;
        throw new HeadConflictError('Cannot write the head: it was written by another process since it was read');
      }
      const written = { bytes: copy, tag: `tag-${++this.#place.writes}`, writer: this };
      this.#place.head = written;
      return written.tag;
    });
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    checkBlobName(name);
    const copy = bytes.slice();
    await this.#run({ method: 'put', name }, () => {
      const present = this.#place.blobs.get(name);
      if (present === undefined) this.#place.blobs.set(name, copy);
      else if (!isSame(present, copy)) {
        throw new StateStoreError('name_taken', `Cannot write state blob ${name}: it holds other bytes`, undefined);
      }
    });
  }

  get(name: string): Promise<Uint8Array | null> {
    return this.#run({ method: 'get', name }, () => this.#place.blobs.get(name)?.slice() ?? null);
  }

  async delete(name: string): Promise<void> {
    await this.#run({ method: 'delete', name }, () => this.#place.blobs.delete(name));
  }

  list(): Promise<readonly string[]> {
    return this.#run({ method: 'list', name: '' }, () => [...this.#place.blobs.keys()].sort());
  }

  async #run<T>(call: StoreCall, effect: () => T): Promise<T> {
    if (this.#crashed) return never;
    this.calls.push(call);
    const crash = this.#crashing();
    const ordered = this.#nextFault(call.method);
    await this.before(call);
    for (const gate of this.#gates) if (gate.methods?.includes(call.method) ?? true) await gate.opened;
    if (crash === 'before') this.#die();
    if (this.#isCrashed()) return never;
    const fault = ordered ?? this.faultOf(call);
    if (fault !== null && fault.applied !== true) throw failure(call, fault);
    const result = effect();
    if (crash === 'after') this.#die();
    await this.after(call);
    if (this.#isCrashed()) return never;
    if (fault !== null) throw failure(call, fault);
    return result;
  }

  #die(): void {
    this.#crashed = true;
    this.onCrash();
  }

  /** Asked through a method, as the crash may come while a call waits. */
  #isCrashed(): boolean {
    return this.#crashed;
  }

  #crashing(): 'before' | 'after' | null {
    return this.#crash !== null && this.#crash.call-- === 0 ? this.#crash.when : null;
  }

  #nextFault(method: StoreMethod): StoreFault | null {
    const entry = this.#faults.find(({ left, fault }) => left > 0 && (fault.methods?.includes(method) ?? true));
    if (entry === undefined) return null;
    entry.left--;
    return entry.fault;
  }

  #damage(name: string, change: (bytes: Uint8Array) => Uint8Array): void {
    const bytes = name === '' ? this.#place.head?.bytes : this.#place.blobs.get(name);
    if (bytes === undefined) throw new Error(`Cannot damage ${JSON.stringify(name)}: there is no such blob`);
    if (name !== '') this.#place.blobs.set(name, change(bytes));
    else if (this.#place.head !== null) this.#place.head = { ...this.#place.head, bytes: change(bytes) };
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function failure({ method, name }: StoreCall, { code = 'unavailable' }: StoreFault): StateStoreError {
  return new StateStoreError(code, `Cannot ${method} ${name}: the test ordered "${code}"`, undefined);
}
