import type { Address } from '../address.ts';
import type { Finding } from '../alert/finding.ts';
import type { AddressWindows } from '../window/address-windows.ts';
import type { Deferred } from '../window/deferred.ts';
import { ByteWriter } from './byte-writer.ts';
import { writeDeferred } from './observation-codec.ts';
import type { NumberedAlert, ShardSummary } from './shard-summary.ts';
import { writeAddress, writeWindows } from './window-codec.ts';

/** Changed with every change of the format: what another version wrote is not read. */
export const stateVersion = 1;
export const stateMagic = 'tidewatch-state';

/** A base holds everything; a delta what changed since the cut before it. */
export type CutKind = 'base' | 'delta';

export interface CutContent {
  readonly kind: CutKind;
  readonly summary: ShardSummary;
  readonly alerts: readonly NumberedAlert[];
  readonly deferred: readonly Deferred[];
  readonly expired: readonly string[];
  readonly evicted: ReadonlyMap<Address, number>;
  readonly addresses: Iterable<Address>;
}

/** Where a cut finds the addresses it still has to copy. */
export interface CutSource {
  windows(address: Address): AddressWindows | undefined;
  isPinned(address: Address): boolean;
  findings(address: Address): Iterable<Finding>;
}

/**
 * One consistent cut of a shard on its way into bytes. What is small is written at once; addresses are copied in slices,
 * or just before they change, so that the bytes show them as they were at the cut.
 */
export class Cut {
  readonly kind: CutKind;
  readonly summary: ShardSummary;
  readonly #writer = new ByteWriter();
  readonly #source: CutSource;
  readonly #pending: Set<Address>;
  #isEnded = false;

  constructor(content: CutContent, source: CutSource) {
    this.kind = content.kind;
    this.summary = content.summary;
    this.#source = source;
    this.#pending = new Set(content.addresses);
    this.#writeHead(content);
  }

  get addressesLeft(): number {
    return this.#pending.size;
  }

  /** Copies an address if the cut still needs it: whoever changes one calls this first. */
  readonly beforeChange = (address: Address): void => {
    if (this.#pending.delete(address)) this.#writeEntry(address);
  };

  /** Copies up to `limit` addresses. True when nothing is left. */
  advance(limit: number): boolean {
    let left = limit;
    for (const address of this.#pending) {
      if (left <= 0) return false;
      left -= 1;
      this.#pending.delete(address);
      this.#writeEntry(address);
    }
    return true;
  }

  /** The bytes of the whole cut; throws while addresses are left. */
  bytes(): Uint8Array {
    if (this.#pending.size > 0)
      throw new RangeError(`Cannot end a cut as ${this.#pending.size} addresses are not copied yet`);
    if (!this.#isEnded) this.#writer.boolean(false);
    this.#isEnded = true;
    return this.#writer.bytes();
  }

  #writeHead({ kind, summary, alerts, deferred, expired, evicted }: CutContent): void {
    const writer = this.#writer;
    writer.text(stateMagic);
    writer.unsigned(stateVersion);
    writer.text(kind);
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

  #writeEntry(address: Address): void {
    const writer = this.#writer;
    const windows = this.#source.windows(address);
    const findings = [...this.#source.findings(address)];
    writer.boolean(true);
    writeAddress(writer, address);
    writer.boolean(windows !== undefined);
    if (windows !== undefined) {
      writer.boolean(this.#source.isPinned(address));
      writer.boolean(windows.isWide);
      writeWindows(writer, windows);
    }
    writer.unsigned(findings.length);
    for (const finding of findings) {
      writer.text(finding.caller);
      writer.singleText(finding.key);
      writer.singleText(JSON.stringify(finding.memory));
    }
  }
}
