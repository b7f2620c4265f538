import { expect } from 'vitest';
import type { Alert, AlertSlot } from '../../../src/core/alert/alert.ts';
import { alertId } from '../../../src/core/alert/alert-id.ts';
import { sha256 } from '../engine-builder.ts';
import { pairOf } from './evidence.ts';
import type { Simulation } from './simulation.ts';

const slots: readonly AlertSlot[] = ['match', 'flush', 'withdraw', 'expired'];

/** Every id belongs to one (caller, address, window end, slot); under no damage it always carries the same bytes. */
export function expectOneMeaningPerId({ sinks }: Simulation, isDamaged = false): void {
  const texts = new Map<string, string>();
  for (const text of sinks.flatMap(({ taken }) => taken)) {
    const alert = JSON.parse(text) as Alert;
    const { id, findingKey, windowEnd } = alert;
    expect(slots.filter((slot) => alertId(sha256, findingKey, windowEnd, slot) === id)).toHaveLength(1);
    const meaning = JSON.stringify([findingKey, alert.caller.toLowerCase(), alert.ip, windowEnd]);
    const said = isDamaged ? meaning : text;
    expect(said, `what ${id} says again`).toBe(texts.get(id) ?? said);
    texts.set(id, said);
  }
}

/** Nothing reached a sink that no valid state held. */
export function expectCommittedFirst({ uncommitted }: Simulation): void {
  expect(uncommitted).toEqual([]);
}

/** Whoever committed does not again once another has, and is gone at the end. */
export function expectOneOwner({ book, lives, life }: Simulation, isDamaged = false): void {
  const owners: number[] = [];
  let epoch = 0;
  for (const head of book.heads) {
    if (owners.at(-1) !== head.life) {
      expect(owners, `process ${head.life} writes after another took over`).not.toContain(head.life);
      // Without a readable head the epochs of owners that wrote no blob are forgotten.
      if (!isDamaged) expect(head.epoch).toBeGreaterThan(epoch);
      owners.push(head.life);
    }
    if (!isDamaged) expect(head.epoch).toBeGreaterThanOrEqual(epoch);
    epoch = head.epoch;
  }
  expect(owners.at(-1)).toBe(life.number);
  for (const owner of owners.slice(0, -1)) expect(lives[owner]?.mortality.isDead, `process ${owner} ended`).toBe(true);
}

/** Every alert that the state rests on reached every sink. */
export function expectAllDelivered({ recorder, sinks }: Simulation): void {
  for (const sink of sinks) {
    const taken = new Set(sink.taken);
    const missing = recorder.emissions.filter(({ alert }) => !taken.has(JSON.stringify(alert)));
    expect(missing, `alerts that sink ${sink.name} has not taken`).toEqual([]);
  }
}

/** The pairs told of as at each window end, beside the ids of all that ends or comes too late. */
export function toldBy({ recorder }: Simulation): {
  readonly told: ReadonlySet<string>;
  readonly ids: ReadonlySet<string>;
} {
  const told = new Set<string>();
  const ids = new Set<string>();
  for (const { alert, slot } of recorder.emissions) {
    const isNews = (slot === 'match' || slot === 'flush') && alert.activity !== 'close';
    if (isNews) told.add(`${alert.windowEnd} ${pairOf(alert.caller, alert.ip)}`);
    else ids.add(`${alert.windowEnd} ${slot} ${alert.id}`);
  }
  return { told, ids };
}
