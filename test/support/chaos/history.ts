import type { Alert, AlertSlot } from '../../../src/core/alert/alert.ts';
import { alertId, findingKey } from '../../../src/core/alert/alert-id.ts';
import { sha256 } from '../engine-builder.ts';
import type { Evidence } from './evidence.ts';

/** An alert with what its id speaks of. */
export interface SentAlert {
  readonly alert: Alert;
  readonly slot: AlertSlot;
  readonly windowEnd: number;
  readonly emittedMs: number;
}

const slots: readonly AlertSlot[] = ['match', 'flush', 'withdraw', 'expired'];

function slotOf({ id, caller, ip, windowEnd }: Alert): AlertSlot | null {
  const key = findingKey(sha256, caller.toLowerCase(), ip);
  return slots.find((slot) => alertId(sha256, key, windowEnd, slot) === id) ?? null;
}

/**
 * The alerts that a run told, each once, in the order in which they first came. Says where an id is none of (caller, ip,
 * window end, slot), or where one id came with different bytes though no state was damaged.
 */
export function historyOf({ delivered, damaged }: Evidence): {
  readonly history: readonly SentAlert[];
  readonly problems: readonly string[];
} {
  const problems: string[] = [];
  const byId = new Map<string, { readonly line: string; readonly sent: SentAlert }>();
  const isDamaged = (ms: number): boolean => damaged.some(({ fromMs, toMs }) => ms >= fromMs && ms <= toMs);
  for (const line of delivered) {
    const alert = JSON.parse(line) as Alert;
    const slot = slotOf(alert);
    if (slot === null) {
      problems.push(`alert ${alert.id} has an id of no slot of (${alert.caller}, ${alert.ip}, ${alert.windowEnd})`);
      continue;
    }
    const emittedMs = Date.parse(alert.emittedAt);
    const sent = { alert, slot, windowEnd: Date.parse(alert.windowEnd), emittedMs };
    const before = byId.get(alert.id);
    if (before?.line === line) continue;
    if (before !== undefined && !isDamaged(before.sent.emittedMs))
      problems.push(`${slot} ${alert.id} came with two contents:\n  ${before.line}\n  ${line}`);
    byId.delete(alert.id);
    byId.set(alert.id, { line, sent });
  }
  return { history: [...byId.values()].map(({ sent }) => sent), problems };
}
