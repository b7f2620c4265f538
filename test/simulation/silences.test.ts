import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Alert } from '../../src/core/alert/alert.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { expectLifecycles, expectOneAlertPerId } from '../support/simulation/alert-laws.ts';
import { sinkFaults } from '../support/simulation/fault-plan.ts';
import { matchedWorld } from '../support/simulation/matched-world.ts';
import { deaths, storageFaults } from '../support/simulation/process-faults.ts';
import { expectCommittedFirst, expectOneMeaningPerId } from '../support/simulation/recovery-laws.ts';
import { silenceWishes, skippingName } from '../support/simulation/silence-wishes.ts';
import { simulate, type Simulation } from '../support/simulation/simulation.ts';
import { world } from '../support/simulation/world.ts';

const wishedMs = 3 * HOUR_MS;

/** Each sink took, in order, all that was emitted; the one that skips took what no silence covered. */
function expectTold({ sinks, recorder }: Simulation): void {
  const emitted = recorder.emissions.map(({ alert }) => alert);
  for (const { name, taken } of sinks) {
    const wanted = name === skippingName ? emitted.filter(({ silenced }) => silenced === null) : emitted;
    expect([...new Set(taken)], `alerts of sink ${name}`).toEqual(wanted.map((alert) => JSON.stringify(alert)));
  }
}

/** To who skips: no close of what was not told, and the close of all that was. */
function expectNoStrayClose({ sinks, recorder }: Simulation): void {
  const skipping = sinks.find(({ name }) => name === skippingName);
  const ids = new Set(skipping?.taken.map((text) => (JSON.parse(text) as Alert).id));
  const known = new Set<string>();
  for (const { alert, slot } of recorder.emissions) {
    if (slot === 'expired') continue;
    const { findingKey, activity, id } = alert;
    if (activity === 'create') known.delete(findingKey);
    if (activity === 'close') expect(ids.has(id), `close ${id}`).toBe(known.has(findingKey));
    else if (ids.has(id)) known.add(findingKey);
  }
}

/** What somebody was told is kept is in the state at the end, in force or ended. */
function expectKept({ silenced, service }: Simulation): void {
  const { silences } = service.engine;
  const ended = new Set(silences.ended().map(({ silence }) => silence.id));
  const all = new Set([...silences.active(0).map(({ id }) => id), ...ended]);
  for (const { id, state } of silenced) expect((state === 'ended' ? ended : all).has(id), `silence ${id}`).toBe(true);
}

test('with silences, kills and failing storage every sink is told exactly what it should be', async () => {
  let [hidden, silences, restarts] = [0, 0, 0];
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(world(), { weight: 3, arbitrary: matchedWorld }),
      silenceWishes(wishedMs),
      deaths(wishedMs),
      storageFaults(wishedMs),
      sinkFaults(wishedMs),
      fc.integer(),
      async (given, wishes, death, storage, sink, seed) => {
        const faults = { ...storage, ...sink, ...death };
        const simulation = await simulate(given, { repeats: false, faults, seed, silences: wishes });
        expectTold(simulation);
        expectNoStrayClose(simulation);
        expectKept(simulation);
        expectOneAlertPerId(simulation);
        expectLifecycles(simulation);
        expectOneMeaningPerId(simulation);
        expectCommittedFirst(simulation);
        hidden += simulation.recorder.emissions.filter(({ alert }) => alert.silenced !== null).length;
        silences += simulation.silenced.length;
        restarts += simulation.lives.length - 1;
      },
    ),
    { numRuns: 12, endOnFailure: true },
  );
  expect(Math.min(hidden, silences, restarts)).toBeGreaterThan(0);
});

/** Updates of findings of which only silenced alerts were told before. */
function freedIn({ recorder }: Simulation): number {
  const hidden = new Set<string>();
  let freed = 0;
  for (const { alert, slot } of recorder.emissions) {
    if (slot === 'expired') continue;
    const { findingKey, activity, silenced } = alert;
    if (activity === 'update' && silenced === null && hidden.has(findingKey)) freed += 1;
    if (activity === 'create' && silenced !== null) hidden.add(findingKey);
    else if (silenced === null) hidden.delete(findingKey);
  }
  return freed;
}

test('when every silence is over and a flush has run, who skips knows of every finding that is open', async () => {
  let freed = 0;
  await fc.assert(
    fc.asyncProperty(
      matchedWorld,
      silenceWishes(HOUR_MS, HOUR_MS / 2),
      deaths(wishedMs),
      fc.integer(),
      async (given, wishes, death, seed) => {
        const simulation = await simulate(given, { repeats: false, faults: death, seed, silences: wishes });
        const { recorder, service } = simulation;
        const last = recorder.flushes.at(-1);
        const ends = simulation.silenced.map(({ until }) => Date.parse(until));
        if (last === undefined || last.nowMs <= Math.max(...ends, 0)) return;
        for (const finding of service.engine.findings.all())
          if (finding.isOpen)
            expect([finding.key, finding.isHeard, finding.silence]).toEqual([finding.key, true, null]);
        freed += freedIn(simulation);
      },
    ),
    { numRuns: 10, endOnFailure: true },
  );
  expect(freed).toBeGreaterThan(0);
});
