import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Alert } from '../../src/core/alert/alert.ts';
import { formatMs, HOUR_MS } from '../../src/core/time.ts';
import { replayHourly } from '../../src/pipeline/replay.ts';
import { prepareReplay, replaySource } from '../support/replay-rig.ts';
import { goldenScenarios } from './scenarios.ts';

/**
 * What does not depend on when things arrived: a file tells when they happened. A first match knows the sign-ins before
 * it, of which the service may have learned later.
 */
function withoutArrival(alert: Alert): Partial<Alert> {
  const { emittedAt, indexVersion, row, corroboration, ...rest } = alert;
  expect([emittedAt, indexVersion]).not.toContain('');
  return alert.activity === 'create' ? rest : { ...rest, row, corroboration };
}

describe.each(goldenScenarios().map((scenario) => [scenario.incident.name, scenario] as const))(
  '%s',
  (name, scenario) => {
    // The replay ends with the last record, the reviewed run when the window has emptied.
    const last = formatMs(scenario.startMs + 29 * HOUR_MS);
    const setting = {
      bodies: [
        ...scenario.messages.map(({ body }) => body),
        JSON.stringify({ time: last, category: 'Administrative', resultType: 'Start' }),
      ],
      objects: scenario.intelligence.flatMap(({ objects }) => objects),
      asOf: true,
      // As the reviewed run does.
      source: { ...replaySource, allowRedDescription: false },
    };

    test('gives the reviewed alerts when its records are replayed hour by hour', async () => {
      const golden = JSON.parse(readFileSync(`${import.meta.dirname}/${name}.json`, 'utf8')) as readonly Alert[];
      const replayed = [...replayHourly(await prepareReplay(setting))];
      expect(replayed.map(withoutArrival)).toEqual(golden.map(withoutArrival));
    });

    test('ends at the first boundary at or after its last record', async () => {
      const whole = [...replayHourly(await prepareReplay(setting))];
      const short = [...replayHourly(await prepareReplay({ ...setting, bodies: setting.bodies.slice(0, -1) }))];
      expect(short).toEqual(whole.filter(({ closeReason }) => closeReason !== 'window-empty'));
    });
  },
);
