import fc from 'fast-check';
import { HOUR_MS } from '../../../src/core/time.ts';
import { deliveryFaults, feedFaults, sinkFaults, standstills, type FaultPlan } from './fault-plan.ts';
import { damages, deaths, storageFaults, suspensions } from './process-faults.ts';
import { partitionCount } from './world.ts';

/** A time that brings faults of every kind. */
const stretchMs = 30 * HOUR_MS;

/** Moves everything that a plan dates by some time. */
function later(plan: Partial<FaultPlan>, byMs: number): Partial<FaultPlan> {
  const moved = Object.entries(plan).map(([name, value]): [string, unknown] => [
    name,
    Array.isArray(value) ? value.map((each: object) => datedLater(each, byMs)) : value,
  ]);
  return Object.fromEntries(moved);
}

function datedLater(each: object, byMs: number): object {
  const dated = Object.entries(each).map(([name, value]: [string, unknown]): [string, unknown] => [
    name,
    (name === 'atMs' || name === 'fromMs' || name === 'toMs') && typeof value === 'number' ? value + byMs : value,
  ]);
  return Object.fromEntries(dated);
}

function together(plans: readonly Partial<FaultPlan>[]): Partial<FaultPlan> {
  const merged: Record<string, unknown> = {};
  for (const plan of plans)
    for (const [name, value] of Object.entries(plan)) {
      const before = merged[name];
      merged[name] =
        Array.isArray(before) && Array.isArray(value) ? [...(before as unknown[]), ...(value as unknown[])] : value;
    }
  return merged;
}

/** Faults of every kind in every stretch of a time; the last hours are left to recover. */
export function lastingFaults(withinMs: number): fc.Arbitrary<Partial<FaultPlan>> {
  const stretches = Math.floor(withinMs / stretchMs);
  const faultyMs = stretchMs - 3 * HOUR_MS;
  const one = fc
    .tuple(
      deliveryFaults(partitionCount, faultyMs),
      feedFaults(faultyMs),
      sinkFaults(faultyMs),
      deaths(faultyMs),
      damages(faultyMs),
      storageFaults(faultyMs),
      suspensions(faultyMs),
      standstills(faultyMs),
    )
    .map((plans) => together(plans));
  return fc
    .array(one, { minLength: stretches, maxLength: stretches })
    .map((plans) => together(plans.map((plan, index) => later(plan, index * stretchMs))));
}
