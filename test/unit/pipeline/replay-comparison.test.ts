import { describe, expect, test } from 'vitest';
import { repairs } from '../../../src/core/kql/repair.ts';
import { HOUR_MS } from '../../../src/core/time.ts';
import { scriptedIncidents } from '../../../src/dev/traffic/incidents.ts';
import { createPopulation } from '../../../src/dev/traffic/population.ts';
import { threatIntelligence } from '../../../src/dev/traffic/threat-intelligence.ts';
import { Traffic } from '../../../src/dev/traffic/traffic.ts';
import { compareReplay, letterRows } from '../../../src/pipeline/replay-letter.ts';
import { replayAt } from '../../../src/pipeline/replay.ts';
import { excludedSet } from '../../support/engine-builder.ts';
import { letterDifferences } from '../../support/letter-differences.ts';
import { defaultRule, prepareReplay, replaySource } from '../../support/replay-rig.ts';

const at = Date.UTC(2026, 2, 2, 12);
const startMs = at - 4 * HOUR_MS;

/** Four hours of an organisation with every scripted incident, and a caller for each reason that generated data lack. */
async function generated() {
  const population = createPopulation(1);
  const incidents = scriptedIncidents(population);
  const traffic = new Traffic({ seed: 1, startMs, scale: 0.02, population });
  for (const incident of incidents) traffic.schedule(incident.messages(startMs));
  const cases = [...letterDifferences.values()];
  return await prepareReplay({
    bodies: [
      ...traffic.next(startMs, at).map(({ body }) => body),
      ...cases.map(({ records }) => JSON.stringify({ records })),
    ],
    objects: [
      ...threatIntelligence({ seed: 1, atMs: at, count: 300 }),
      ...incidents.flatMap((incident) => incident.intelligence(startMs).flatMap(({ objects }) => objects)),
      ...cases.flatMap(({ indicators }) => indicators),
    ],
    rule: {
      ...defaultRule,
      minConfidence: 50,
      statuses: ['Success', 'Succeeded'],
      excluded: excludedSet(['10.0.0.0/8', '100.64.0.0/10']),
    },
    source: { ...replaySource, defaultConfidence: 80 },
  });
}

describe('a comparison of generated data', async () => {
  const input = await generated();
  const compared = compareReplay(input.tables, at, letterRows(input.tables, input.records, at), replayAt(input, at));

  test('names a reason for every difference, and none is unknown', () => {
    expect(compared.length).toBeGreaterThan(letterDifferences.size);
    for (const { side, columns, reasons } of compared) {
      expect(reasons).not.toContain('unknown');
      if (side !== 'both') expect(reasons).not.toEqual([]);
      for (const column of columns) expect(column.reasons).not.toEqual([]);
    }
  });

  test('names every reason that a file can give', () => {
    const named = new Set(compared.flatMap(({ reasons }) => reasons));
    const possible = repairs.filter((repair) => repair !== 'early' && repair !== 'late-enqueued');
    expect(repairs.filter((repair) => named.has(repair))).toEqual(possible);
  });

  test.each([...letterDifferences.keys()])('names %s at the caller that gives it', (reason) => {
    const own = compared.filter(({ caller }) => caller.toLowerCase() === `${reason}@contoso.com`);
    expect(own.length).toBeGreaterThan(0);
    expect(own.flatMap(({ reasons }) => reasons)).toContain(reason);
  });
});
