import type { Address } from '../address.ts';
import { ByteReader } from '../state/byte-reader.ts';
import { readWindows } from '../state/window-codec.ts';
import { identityBytes } from './activity-pane.ts';
import type { AddressWindows } from './address-windows.ts';

/** Where the panes of packed windows lie. */
export interface PackedBytes {
  readonly chunk: Uint8Array;
  readonly start: number;
  /** The texts that the bytes name by their numbers. */
  readonly texts: readonly string[];
}

/** What is told of windows without unpacking them. */
export interface WindowsSummary {
  readonly address: Address;
  readonly isPinned: boolean;
  readonly isWide: boolean;
  readonly seen: number;
  readonly bytes: number;
  readonly identities: number;
  readonly callerCount: number;
  readonly oldestPaneEnd: number;
}

/** The windows of one address as the bytes that a cut has of them: a tenth of the memory of what they unpack to. */
export class PackedWindows {
  readonly address: Address;
  readonly isPinned: boolean;
  readonly isWide: boolean;
  readonly seen: number;
  bytes: number;
  identities: number;
  callerCount: number;
  oldestPaneEnd: number;
  /** Number of the cut that copied it last. */
  copiedIn = 0;
  readonly #chunk: Uint8Array;
  readonly #start: number;
  readonly #texts: readonly string[];
  #forgottenUpTo = Number.NEGATIVE_INFINITY;

  constructor(summary: WindowsSummary, { chunk, start, texts }: PackedBytes) {
    this.address = summary.address;
    this.isPinned = summary.isPinned;
    this.isWide = summary.isWide;
    this.seen = summary.seen;
    this.bytes = summary.bytes;
    this.identities = summary.identities;
    this.callerCount = summary.callerCount;
    this.oldestPaneEnd = summary.oldestPaneEnd;
    this.#chunk = chunk;
    this.#start = start;
    this.#texts = texts;
  }

  get identityBytes(): number {
    return this.identities * identityBytes;
  }

  /** The windows themselves, made anew at each call. */
  unpacked(): AddressWindows {
    const reader = new ByteReader(this.#chunk, 0, this.#texts, this.#start);
    const windows = readWindows(reader, this.address);
    windows.isWide = this.isWide;
    windows.seen = this.seen;
    windows.copiedIn = this.copiedIn;
    windows.forget(this.#forgottenUpTo);
    return windows;
  }

  /** The boundary of the newest pane. */
  newestPaneEnd(): number {
    return this.unpacked().newestPaneEnd();
  }

  /** Forgets the panes that closed at or before a boundary. True when nothing is left. */
  forget(upTo: number): boolean {
    if (this.oldestPaneEnd > upTo) return this.oldestPaneEnd === Number.POSITIVE_INFINITY;
    this.#forgottenUpTo = upTo;
    const { bytes, identities, callerCount, oldestPaneEnd } = this.unpacked();
    Object.assign(this, { bytes, identities, callerCount, oldestPaneEnd });
    return oldestPaneEnd === Number.POSITIVE_INFINITY;
  }
}
