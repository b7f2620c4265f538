import { deepEqual, equal, ok } from 'node:assert/strict';
import { definitions, matchRateExpression } from '../../src/telemetry/definitions.ts';
import { until } from './condition.ts';
import { sumOf } from './exposition.ts';
import { complaintsOf, LocalPrometheus } from './local-prometheus.ts';

const lookups = 'tidewatch_lookups_total';

export interface Verification {
  /** The service's /metrics; nothing has been looked up yet, so that each series begins at zero. */
  readonly metricsUrl: string;
  /** Makes the service look addresses up. */
  readonly act: () => Promise<void>;
  /** What it looks up then: this many addresses, this many of them known to an indicator. */
  readonly expected: { readonly lookups: number; readonly hits: number };
}

async function metricsBody(url: string): Promise<string> {
  const response = await fetch(url);
  equal(response.status, 200);
  return response.text();
}

/**
 * Holds a running service to a real Prometheus: promtool accepts its exposition, Prometheus scrapes it, and the match
 * rate that the documentation names is the one that the traffic has. Answers that rate.
 */
export async function verifyMatchRate({ metricsUrl, act, expected }: Verification): Promise<number> {
  const before = await metricsBody(metricsUrl);
  equal(sumOf(before, lookups), 0, 'something was looked up before the verification began');
  const prometheus = await LocalPrometheus.start(metricsUrl);
  try {
    await act();
    const after = await until('the lookups of the published records', async () => {
      const body = await metricsBody(metricsUrl);
      return sumOf(body, lookups) >= expected.lookups ? body : undefined;
    });
    equal(complaintsOf(after), '', 'promtool check metrics complains');
    deepEqual(
      Object.keys(definitions).filter((name) => !after.includes(`# TYPE ${name} `)),
      [],
      'metrics of the table are missing',
    );
    const counted = { lookups: sumOf(after, lookups), hits: sumOf(after, lookups, { result: 'hit' }) };
    deepEqual(counted, expected, 'the service counted other lookups than were published');
    const rate = await until('the scrape of the last lookup', async () =>
      (await prometheus.query(`sum(${lookups})`)) === counted.lookups
        ? await prometheus.query(matchRateExpression)
        : undefined,
    );
    const wanted = counted.hits / counted.lookups;
    ok(Math.abs(rate - wanted) < 1e-9, `${matchRateExpression} is ${rate}, the counters say ${wanted}`);
    return rate;
  } finally {
    await prometheus.stop();
  }
}
