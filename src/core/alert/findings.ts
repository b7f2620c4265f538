import { formatAddress, type Address } from '../address.ts';
import { formatIndexVersion, type IndexVersion } from '../intel/index-version.ts';
import type { ChangeLog } from '../state/change-log.ts';
import type { StoredFinding } from '../state/shard-image.ts';
import { formatMs } from '../time.ts';
import type { AddressWindows } from '../window/address-windows.ts';
import { rule, type Alert, type AlertActivity, type AlertSlot, type CloseReason } from './alert.ts';
import { alertId, findingKey, type Digest } from './alert-id.ts';
import { Finding } from './finding.ts';
import type { JudgedWindow } from './judge.ts';
import { linksOf, type LinkSettings } from './links.ts';
import type { Outbox } from './outbox.ts';
import type { RatedJudgement } from './rating.ts';
import type { AlertSilence } from './silence.ts';
import type { Silences } from './silences.ts';

/** Most uses of the expired slot that are remembered. */
const expiredMax = 100_000;

/** How findings are told of. */
export interface FindingSettings {
  readonly digest: Digest;
  /** Whether a flush emits every row, or only those with news. */
  readonly repeats: boolean;
  readonly links: LinkSettings;
}

/** What an emission says beside what was judged. */
export interface Circumstances {
  readonly now: number;
  readonly indexVersion: IndexVersion;
  readonly late: boolean;
  readonly backfill: boolean;
  readonly partial: Alert['partial'];
  readonly incomplete: Alert['incomplete'];
}

interface Emission {
  readonly activity: AlertActivity;
  readonly slot: AlertSlot;
  readonly closeReason?: CloseReason;
  readonly window: JudgedWindow;
  readonly judgement: RatedJudgement;
}

/** How a finding ends, with what was last said of it. */
type Closing = Omit<Required<Emission>, 'activity'>;

export interface FindingsOptions extends FindingSettings {
  readonly outbox: Outbox;
  readonly silences: Silences;
  readonly changes: ChangeLog;
}

/** The findings, one a (Caller, IP): decides what is emitted of them, and under which id. */
export class Findings {
  readonly #byAddress = new Map<Address, Map<string, Finding>>();
  readonly #digest: Digest;
  readonly #outbox: Outbox;
  readonly #settings: FindingSettings;
  readonly #silences: Silences;
  readonly #changes: ChangeLog;
  /** Expired slots that were used, which outlive the finding; the oldest go first. */
  readonly #expired = new Set<string>();
  #size = 0;

  constructor({ outbox, silences, changes, ...settings }: FindingsOptions) {
    this.#settings = settings;
    this.#silences = silences;
    this.#changes = changes;
    this.#digest = settings.digest;
    this.#outbox = outbox;
  }

  get size(): number {
    return this.#size;
  }

  *all(): Generator<Finding> {
    for (const findings of this.#byAddress.values()) yield* findings.values();
  }

  addresses(): Iterable<Address> {
    return this.#byAddress.keys();
  }

  get(address: Address, caller: string): Finding | undefined {
    return this.#byAddress.get(address)?.get(caller);
  }

  /** Opens a finding at once: the first match of a pair between flushes. */
  match(
    windows: AddressWindows,
    caller: string,
    judgement: RatedJudgement,
    window: JudgedWindow,
    at: Circumstances,
  ): void {
    this.#changes.touch(windows.address);
    const finding = this.#findingOf(windows.address, caller);
    finding.isOpen = true;
    this.#emit(finding, { activity: 'create', slot: 'match', window, judgement }, at);
    finding.markSent(windows, judgement, window);
  }

  /**
   * Takes a row of a flush and emits it when the finding is new or comes back, evidence was added, or what was last told
   * was silenced and no silence covers it any more: then who skips what is silenced does not know of it yet.
   * `isValidNow` tells whether an indicator is still valid after the flush's instant; one withdrawn since stays closed.
   */
  flush(
    windows: AddressWindows,
    caller: string,
    judgement: RatedJudgement,
    window: JudgedWindow,
    at: Omit<Circumstances, 'late'>,
    isValidNow: boolean,
  ): { readonly finding: Finding; readonly emitted: boolean } {
    // A cut must copy the address before the finding is there.
    if (this.get(windows.address, caller) === undefined) this.#changes.touch(windows.address);
    const finding = this.#findingOf(windows.address, caller);
    const hasNews = finding.hasNews(windows, judgement, window);
    const comesBack = !finding.isOpen && (finding.last === null || isValidNow);
    const isFreed = finding.isOpen && finding.silence !== null && this.#silenceOf(finding, judgement, at.now) === null;
    if (!hasNews && !comesBack && !isFreed && !this.#settings.repeats) return { finding, emitted: false };
    this.#changes.touch(windows.address);
    const late = finding.hasLateNews(windows, window);
    const activity = finding.isOpen ? 'update' : 'create';
    finding.isOpen = true;
    this.#emit(finding, { activity, slot: 'flush', window, judgement }, { ...at, late });
    finding.markSent(windows, judgement, window);
    return { finding, emitted: true };
  }

  /** Closes a finding. False when the slot was used, so that the flush has to close it. */
  close(finding: Finding, closing: Closing, at: Circumstances): boolean {
    if (finding.isUsed(closing.window.windowEnd, closing.slot)) return false;
    this.#changes.touch(finding.address);
    finding.isOpen = false;
    this.#emit(finding, { activity: 'close', ...closing }, at);
    return true;
  }

  /** Reports a match that is older than every window still to be flushed; once per finding and window end. */
  expired(address: Address, caller: string, judgement: RatedJudgement, window: JudgedWindow, at: Circumstances): void {
    const key = findingKey(this.#digest, caller, formatAddress(address));
    const use = `${key}@${window.windowEnd}`;
    if (this.#expired.has(use)) return;
    this.#useExpired(use);
    this.#changes.useExpired(use);
    this.#emit(new Finding(key, caller, address), { activity: 'create', slot: 'expired', window, judgement }, at);
  }

  delete(finding: Finding): void {
    this.#changes.touch(finding.address);
    const findings = this.#byAddress.get(finding.address);
    if (findings?.delete(finding.caller) === true) this.#size -= 1;
    if (findings?.size === 0) this.#byAddress.delete(finding.address);
  }

  /** The findings of one address. */
  at(address: Address): Iterable<Finding> {
    return this.#byAddress.get(address)?.values() ?? [];
  }

  /** Uses of the expired slot that are remembered, the oldest first. */
  get expiredUses(): readonly string[] {
    return [...this.#expired];
  }

  /** Takes what another process remembered of one finding. */
  restore(address: Address, { caller, key, memory }: StoredFinding): void {
    this.#findingOf(address, caller, key).recall(memory);
  }

  restoreExpired(uses: Iterable<string>): void {
    for (const use of uses) this.#useExpired(use);
  }

  #useExpired(use: string): void {
    this.#expired.add(use);
    if (this.#expired.size <= expiredMax) return;
    const [oldest] = this.#expired;
    if (oldest !== undefined) this.#expired.delete(oldest);
  }

  #findingOf(address: Address, caller: string, knownKey?: string): Finding {
    let findings = this.#byAddress.get(address);
    if (findings === undefined) {
      findings = new Map();
      this.#byAddress.set(address, findings);
    }
    let finding = findings.get(caller);
    if (finding === undefined) {
      const key = knownKey ?? findingKey(this.#digest, caller, formatAddress(address));
      finding = new Finding(key, caller, address);
      findings.set(caller, finding);
      this.#size += 1;
    }
    return finding;
  }

  #silenceOf({ address, caller }: Finding, { row, truncated }: RatedJudgement, now: number): AlertSilence | null {
    const { Operations: operations } = row;
    return this.#silences.covering(
      { caller, address, operations, hasMoreOperations: truncated.includes('Operations') },
      now,
    );
  }

  #emit(finding: Finding, emission: Emission, at: Circumstances): void {
    const { activity, slot, closeReason, window, judgement } = emission;
    const windowEnd = formatMs(window.windowEnd);
    const silenced = activity === 'close' ? closingSilence(finding) : this.#silenceOf(finding, judgement, at.now);
    finding.use(window.windowEnd, slot);
    finding.tell(activity, silenced);
    this.#outbox.append({
      schemaVersion: 1,
      id: alertId(this.#digest, finding.key, windowEnd, slot),
      findingKey: finding.key,
      emittedAt: formatMs(at.now),
      rule,
      severity: judgement.severity,
      activity,
      ...(closeReason === undefined ? {} : { closeReason }),
      caller: judgement.row.Caller,
      ip: judgement.row.TI_IP,
      windowStart: formatMs(window.windowStart),
      windowEnd,
      row: judgement.row,
      indicators: judgement.indicators,
      corroboration: judgement.corroboration,
      allowLists: judgement.allowLists,
      truncated: judgement.truncated,
      late: at.late,
      backfill: at.backfill,
      partial: at.partial,
      incomplete: at.incomplete,
      silenced,
      indexVersion: formatIndexVersion(at.indexVersion),
      links: linksOf(this.#settings.links, judgement.row.TI_IP, judgement.row.AffectedResources),
    });
  }
}

/** Who skips what is silenced is told of the end of what it knows, and of nothing else. */
function closingSilence({ isHeard, silence }: Finding): AlertSilence | null {
  return isHeard ? null : silence;
}
