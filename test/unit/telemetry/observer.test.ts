import { expect, test } from 'vitest';
import { Tally } from '../../../src/core/tally.ts';
import { observeTally } from '../../../src/telemetry/observer.ts';
import { CountingMetrics } from '../../support/simulation/counting-metrics.ts';

test('observeTally() counts what was met under each allow list', () => {
  const tally = new Tally();
  tally.allowListHit('azure', 'lower');
  tally.allowListHit('azure', 'lower');
  tally.allowListHit('own', 'drop');
  const metrics = new CountingMetrics();
  observeTally(metrics, tally, []);
  observeTally(metrics, tally, []);
  expect(metrics.sum('tidewatch_allow_list_hits_total', { list: 'azure', action: 'lower' })).toBe(4);
  expect(metrics.sum('tidewatch_allow_list_hits_total', { list: 'own', action: 'drop' })).toBe(2);
});
