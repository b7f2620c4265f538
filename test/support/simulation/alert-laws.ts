import { expect } from 'vitest';
import type { Alert } from '../../../src/core/alert/alert.ts';
import { formatMs, HOUR_MS } from '../../../src/core/time.ts';
import type { Simulation } from './simulation.ts';

/** One id for each (caller, address, window end, slot), and one alert under each id. */
export function expectOneAlertPerId({ recorder, world }: Simulation): void {
  const used = new Set<string>();
  const meanings = new Map<string, string>();
  for (const { alert, slot } of recorder.emissions) {
    expect(slot, `slot of ${alert.id}`).not.toBeNull();
    expect(used.has(alert.id), `second alert under ${alert.id}, ${slot} of ${alert.windowEnd}`).toBe(false);
    used.add(alert.id);
    const meaning = JSON.stringify([alert.caller.toLowerCase(), alert.ip, alert.windowEnd, slot]);
    expect(meanings.get(meaning) ?? alert.id, `second id of ${meaning}`).toBe(alert.id);
    meanings.set(meaning, alert.id);
    const windowEnd = Date.parse(alert.windowEnd);
    expect(windowEnd % HOUR_MS).toBe(0);
    expect(alert.windowStart).toBe(formatMs(windowEnd - world.options.lookbackMs));
  }
}

/** Each sink has taken every alert in order, as it was emitted; what it took again, it had under the same id before. */
export function expectDelivered({ recorder, sinks, service }: Simulation): void {
  const emitted = recorder.emissions.map(({ alert }) => JSON.stringify(alert));
  for (const sink of sinks) {
    expect([...new Set(sink.taken)], `alerts of sink ${sink.name}`).toEqual(emitted);
    expect(sink.closed).toBe(true);
  }
  expect(service.engine.outbox.size).toBe(0);
}

/** A match stands beside the flushes only for a pair whose finding was not open or known. */
export function expectLifecycles({ recorder }: Simulation): void {
  const open = new Set<string>();
  for (const { alert, slot } of recorder.emissions) {
    if (slot === 'expired') continue;
    const isOpen = open.has(alert.findingKey);
    expect(alert.activity, `${alert.id}: ${slot} of a finding that is ${isOpen ? 'open' : 'closed'}`).toBe(
      activityOf(alert, isOpen),
    );
    if (alert.activity === 'close') open.delete(alert.findingKey);
    else open.add(alert.findingKey);
  }
}

/** A finding that is open is updated or closed, one that is not is created. */
function activityOf({ activity }: Alert, isOpen: boolean): Alert['activity'] {
  if (!isOpen) return 'create';
  return activity === 'close' ? 'close' : 'update';
}
