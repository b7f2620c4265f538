import type { Address } from '../address.ts';
import { type Alert, rule } from '../alert/alert.ts';
import type { FindingMemory } from '../alert/finding.ts';
import { noLinks } from '../alert/links.ts';
import type { Deferred } from '../window/deferred.ts';
import type { PackedWindows } from '../window/packed-windows.ts';
import { ByteReader, DecodeError } from './byte-reader.ts';
import { stateMagic, stateVersion, type CutKind } from './cut.ts';
import { readDeferred } from './observation-codec.ts';
import type { NumberedAlert, ShardSummary } from './shard-summary.ts';
import { readPacked } from './packed-codec.ts';
import { readTexts } from './text-table.ts';
import { readAddress } from './window-codec.ts';

export interface StoredFinding {
  readonly caller: string;
  readonly key: string;
  readonly memory: FindingMemory;
}

const none: readonly never[] = [];

/**
 * Adds what earlier versions did not write: a version before allow lists and the severity policy had no list, and the
 * rule's severity; one before `sourceName` knew none.
 */
function completed<Stored extends Pick<Alert, 'indicators'>>(stored: Stored): Stored {
  const rated = 'severity' in stored ? stored : { ...stored, severity: rule.severity, allowLists: none };
  if (stored.indicators.every((indicator) => 'sourceName' in indicator)) return rated;
  return { ...rated, indicators: stored.indicators.map((indicator) => ({ ...indicator, sourceName: '' })) };
}

/** What versions before links and before silences did not write. */
function completedAlert(alert: Alert): Alert {
  const linked = 'links' in alert ? alert : { ...(alert as Alert), links: noLinks };
  return completed('silenced' in linked ? linked : { ...(linked as Alert), silenced: null });
}

/** A delta says nothing of silences where none of them changed. */
function withSilences(summary: ShardSummary, before: ShardSummary | null): ShardSummary {
  const silences = summary.silences ?? before?.silences;
  return silences === undefined ? summary : { ...summary, silences };
}

export interface StoredAddress {
  readonly windows: PackedWindows | null;
  readonly findings: readonly StoredFinding[];
}

/** State that is whole but cannot be used: another version, lookback or hop. The message says what was found. */
export class StateMismatchError extends Error {
  override readonly name = 'StateMismatchError';
}

/**
 * A shard put together from a base and its deltas, in their order. What is larger than any memory of this process
 * allows was bounded when it was written; the bytes have been checked against their digests before.
 */
export class ShardImage {
  readonly addresses = new Map<Address, StoredAddress>();
  readonly evicted = new Map<Address, number>();
  readonly expired = new Set<string>();
  #alerts: NumberedAlert[] = [];
  #deferred: Deferred[] = [];
  #summary: ShardSummary | null = null;

  get summary(): ShardSummary {
    if (this.#summary === null) throw new DecodeError('Cannot use an image without a base');
    return this.#summary;
  }

  /** Alerts that some sink had not taken. */
  get alerts(): readonly NumberedAlert[] {
    return this.#alerts;
  }

  get deferred(): readonly Deferred[] {
    return this.#deferred;
  }

  /** Adds a cut. Throws DecodeError for damaged bytes, StateMismatchError for those of another version. */
  apply(bytes: Uint8Array): void {
    const reader = new ByteReader(bytes);
    const kind = this.#readHead(reader);
    if ((kind === 'base') !== (this.#summary === null))
      throw new DecodeError(`Cannot apply a ${kind} ${this.#summary === null ? 'without a base' : 'to another base'}`);
    const texts = readTexts(reader);
    reader.useTexts(texts);
    this.#summary = withSilences(JSON.parse(reader.singleText()) as ShardSummary, this.#summary);
    for (let left = reader.count(); left > 0; left -= 1) {
      const number = reader.unsigned();
      this.#alerts.push({ number, alert: completedAlert(JSON.parse(reader.singleText()) as Alert) });
    }
    for (let left = reader.count(); left > 0; left -= 1) this.#deferred.push(readDeferred(reader));
    for (let left = reader.count(); left > 0; left -= 1) this.expired.add(reader.singleText());
    for (let left = reader.count(); left > 0; left -= 1) {
      const address = readAddress(reader);
      this.evicted.set(address, reader.number());
    }
    while (reader.boolean()) this.#readEntry(reader, bytes, texts);
    if (!reader.isAtEnd) throw new DecodeError('Cannot read a cut as bytes follow its end');
    this.#forget();
  }

  #readHead(reader: ByteReader): CutKind {
    const magic = reader.text();
    if (magic !== stateMagic) throw new DecodeError('Cannot read a cut as it does not begin as one');
    const version = reader.unsigned();
    if (version !== stateVersion)
      throw new StateMismatchError(`Cannot use state of version ${version}: this version reads ${stateVersion}`);
    const kind = reader.text();
    if (kind !== 'base' && kind !== 'delta') throw new DecodeError(`Cannot read a cut of kind ${kind}`);
    return kind;
  }

  #readEntry(reader: ByteReader, bytes: Uint8Array, texts: readonly string[]): void {
    const address = readAddress(reader);
    const windows = reader.boolean() ? readPacked(reader, address, bytes, texts) : null;
    const findings = readFindings(reader);
    if (windows !== null || findings.length > 0) this.addresses.set(address, { windows, findings });
    else this.addresses.delete(address);
  }

  /** Drops what the shard had dropped by the time of the cut. */
  #forget(): void {
    const { boundary, taken, lookbackMs } = this.summary;
    this.#deferred = this.#deferred.filter(({ dueAt }) => dueAt > boundary);
    const least = Math.min(...taken.map(([, number]) => number));
    this.#alerts = this.#alerts.filter(({ number }) => number > least);
    for (const [address, upTo] of this.evicted) if (upTo <= boundary - lookbackMs) this.evicted.delete(address);
  }
}

function readFindings(reader: ByteReader): readonly StoredFinding[] {
  const count = reader.count();
  if (count === 0) return none;
  const findings: StoredFinding[] = [];
  for (let left = count; left > 0; left -= 1) {
    const caller = reader.text();
    const key = reader.singleText();
    const memory = JSON.parse(reader.singleText()) as FindingMemory;
    const last = memory.last === null ? null : completed(memory.last);
    findings.push({ caller, key, memory: { ...memory, last } });
  }
  return findings;
}
