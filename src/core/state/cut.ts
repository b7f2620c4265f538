import type { Address } from '../address.ts';
import type { Finding } from '../alert/finding.ts';
import type { AddressWindows } from '../window/address-windows.ts';
import type { Deferred } from '../window/deferred.ts';
import { PackedWindows, type WindowsSummary } from '../window/packed-windows.ts';
import { ByteWriter } from './byte-writer.ts';
import { ChunkedBytes } from './chunked-bytes.ts';
import { writeDeferred } from './observation-codec.ts';
import { writePacked } from './packed-codec.ts';
import type { NumberedAlert, ShardSummary } from './shard-summary.ts';
import { TextTable } from './text-table.ts';
import { writeAddress, writeWindows } from './window-codec.ts';

/** Changed with every change of the format: what another version wrote is not read. */
export const stateVersion = 2;
export const stateMagic = 'tidewatch-state';

/** A base holds everything; a delta what changed since the cut before it. */
export type CutKind = 'base' | 'delta';

export interface CutContent {
  readonly kind: CutKind;
  /** Greater than that of every cut before it. */
  readonly number: number;
  readonly summary: ShardSummary;
  readonly alerts: readonly NumberedAlert[];
  readonly deferred: readonly Deferred[];
  readonly expired: readonly string[];
  readonly evicted: ReadonlyMap<Address, number>;
  /** Addresses to copy; a base copies all that have windows beside them. */
  readonly addresses: Iterable<Address>;
}

export type HeldWindows = AddressWindows | PackedWindows;

/** Where a cut finds the addresses it still has to copy. */
export interface CutSource {
  held(address: Address): HeldWindows | undefined;
  /** All that is held, read while it changes. */
  all(): Iterator<HeldWindows, undefined>;
  isPinned(address: Address): boolean;
  findings(address: Address): Iterable<Finding>;
  /** Takes the windows of an address as they were just copied, in place of what is held. */
  pack(windows: PackedWindows): void;
}

/**
 * One consistent cut of a shard on its way into bytes. What is small is written at once; addresses are copied in slices,
 * or just before they change, so that the bytes show them as they were at the cut. Of a base, which copies every address,
 * no list is made: each address holds the number of the last cut that copied it, and a new one that of the last cut begun.
 */
export class Cut {
  readonly kind: CutKind;
  readonly summary: ShardSummary;
  readonly #number: number;
  readonly #source: CutSource;
  /** Addresses to copy whatever windows they have. */
  readonly #pending: Set<Address>;
  readonly #pendingRest: Iterator<Address, undefined>;
  /** Of a base, what is left of all windows. */
  #rest: Iterator<HeldWindows, undefined> | null;
  readonly #table = new TextTable();
  readonly #head = new ByteWriter(0, this.#table);
  readonly #entry = new ByteWriter(0, this.#table);
  readonly #windows = new ByteWriter(0, this.#table);
  readonly #entries = new ChunkedBytes();

  constructor(content: CutContent, source: CutSource) {
    this.kind = content.kind;
    this.summary = content.summary;
    this.#number = content.number;
    this.#source = source;
    this.#pending = new Set(content.addresses);
    this.#pendingRest = this.#pending.values();
    this.#rest = content.kind === 'base' ? source.all() : null;
    this.#writeHead(content);
  }

  /** Copies an address if the cut still needs it: whoever changes one calls this first. */
  readonly beforeChange = (address: Address): void => {
    const held = this.#source.held(address);
    if (this.#pending.delete(address) || this.#needs(held)) this.#copy(address, held);
  };

  /** Copies up to `limit` addresses. True when nothing is left. */
  advance(limit: number): boolean {
    for (let left = limit; left > 0; left -= 1) {
      const address = this.#next();
      if (address === null) return true;
      this.#pending.delete(address);
      const packed = this.#copy(address, this.#source.held(address));
      if (packed !== null && !packed.isPinned) this.#source.pack(packed);
    }
    return this.#pending.size === 0 && this.#rest === null;
  }

  /** The bytes of the whole cut, in parts; throws while addresses are left. */
  parts(): Uint8Array[] {
    if (this.#pending.size > 0 || this.#rest !== null)
      throw new RangeError('Cannot end a cut as addresses are not copied yet');
    const begin = new ByteWriter();
    begin.text(stateMagic);
    begin.unsigned(stateVersion);
    begin.text(this.kind);
    begin.unsigned(this.#table.texts.length);
    const end = new ByteWriter();
    end.boolean(false);
    return [begin.bytes(), ...this.#table.parts(), this.#head.bytes(), ...this.#entries.parts(), end.bytes()];
  }

  /** The bytes of the whole cut in one piece. */
  bytes(): Uint8Array {
    const parts = this.parts();
    const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let length = 0;
    for (const part of parts) {
      bytes.set(part, length);
      length += part.length;
    }
    return bytes;
  }

  #needs(held: HeldWindows | undefined): boolean {
    return this.#rest !== null && held !== undefined && held.copiedIn < this.#number;
  }

  #next(): Address | null {
    const { value: pending } = this.#pendingRest.next();
    if (pending !== undefined) return pending;
    while (this.#rest !== null) {
      const { value } = this.#rest.next();
      if (value === undefined) this.#rest = null;
      else if (this.#needs(value)) return value.address;
    }
    return null;
  }

  #writeHead({ summary, alerts, deferred, expired, evicted }: CutContent): void {
    const writer = this.#head;
    writer.singleText(JSON.stringify(summary));
    writer.unsigned(alerts.length);
    for (const { number, alert } of alerts) {
      writer.unsigned(number);
      writer.singleText(JSON.stringify(alert));
    }
    writer.unsigned(deferred.length);
    for (const each of deferred) writeDeferred(writer, each);
    writer.unsigned(expired.length);
    for (const use of expired) writer.singleText(use);
    writer.unsigned(evicted.size);
    for (const [address, upTo] of evicted) {
      writeAddress(writer, address);
      writer.number(upTo);
    }
  }

  /** Writes an address, and tells of its windows as they lie in the bytes. */
  #copy(address: Address, held: HeldWindows | undefined): PackedWindows | null {
    const writer = this.#entry;
    const findings = [...this.#source.findings(address)];
    const windows = held instanceof PackedWindows ? held.unpacked() : held;
    writer.boolean(true);
    writeAddress(writer, address);
    writer.boolean(windows !== undefined);
    const isPinned = this.#source.isPinned(address);
    const at = windows === undefined ? 0 : this.#writeWindows(windows, isPinned);
    writer.unsigned(findings.length);
    for (const finding of findings) {
      writer.text(finding.caller);
      writer.singleText(finding.key);
      writer.singleText(JSON.stringify(finding.memory));
    }
    const { chunk, start } = this.#entries.append(writer.take());
    if (held === undefined || windows === undefined) return null;
    held.copiedIn = this.#number;
    const place = { chunk, start: start + at, texts: this.#table.texts };
    const packed = new PackedWindows({ ...summaryOf(windows), isPinned }, place);
    packed.copiedIn = this.#number;
    return packed;
  }

  #writeWindows(windows: AddressWindows, isPinned: boolean): number {
    writeWindows(this.#windows, windows);
    return writePacked(this.#entry, windows, isPinned, this.#windows.take());
  }
}

function summaryOf({
  address,
  isWide,
  seen,
  bytes,
  identities,
  callerCount,
  oldestPaneEnd,
}: AddressWindows): Omit<WindowsSummary, 'isPinned'> {
  return { address, isWide, seen, bytes, identities, callerCount, oldestPaneEnd };
}
