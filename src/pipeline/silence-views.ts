import type { Silence } from '../core/alert/silence.ts';
import type { SilenceProblem } from '../core/alert/silence-request.ts';
import type { Silences } from '../core/alert/silences.ts';
import { formatMs } from '../core/time.ts';
import type { RefusedChange } from './silence-audit.ts';

/** A silence as the API shows it. */
export interface SilenceItem extends Silence {
  readonly state: 'active' | 'ended';
  /** When it was over, and who deleted it: null for one that expired; both null while it is in force. */
  readonly endedAt: string | null;
  readonly endedBy: string | null;
}

export interface SilencesView {
  readonly asOf: string;
  /** How many are in force. */
  readonly active: number;
  /** Those in force, the first to end first; then those that have ended, where asked for, the last to end first. */
  readonly items: readonly SilenceItem[];
}

/** Why a change was refused. */
export type SilenceRefusal =
  /** What was asked for cannot be used; `problems` say why. */
  | { readonly code: 'invalid'; readonly detail: string; readonly problems: readonly SilenceProblem[] }
  | {
      readonly code: 'not_found' | 'of_file' | 'full' | 'not_active' | 'not_kept';
      readonly detail: string;
    };

export type SilenceAnswer = { readonly silence: SilenceItem } | { readonly refusal: SilenceRefusal };

/** What the API may change about silences. An answer other than a refusal is durable. */
export interface SilenceChanges {
  create(request: unknown): Promise<SilenceAnswer>;
  end(id: string, by: string): Promise<SilenceAnswer>;
  /** Keeps the refusal of a request in the audit log. */
  refused(change: RefusedChange): void;
}

/** One in force as it is shown. */
export function activeItem(silence: Silence): SilenceItem {
  return { ...silence, state: 'active', endedAt: null, endedBy: null };
}

/** The silences, with those that have ended where asked for. */
export function silencesView(silences: Silences, withEnded: boolean, nowMs: number): SilencesView {
  const active = silences.active(nowMs).map(activeItem);
  const items = withEnded ? [...active, ...endedItems(silences)] : active;
  return { asOf: formatMs(Math.round(nowMs)), active: active.length, items };
}

/** One silence, in force or ended; null when none is known. */
export function silenceItem(silences: Silences, id: string, nowMs: number): SilenceItem | null {
  return silencesView(silences, true, nowMs).items.find((item) => item.id === id) ?? null;
}

function endedItems(silences: Silences): readonly SilenceItem[] {
  return silences.ended().map(({ silence, endedAt, endedBy }) => ({ ...silence, state: 'ended', endedAt, endedBy }));
}
