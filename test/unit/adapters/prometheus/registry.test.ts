import { describe, expect, test } from 'vitest';
import { createPrometheusMetrics, type PrometheusMetrics } from '../../../../src/adapters/prometheus/registry.ts';
import { definitions } from '../../../../src/telemetry/definitions.ts';

async function linesOf(metrics: PrometheusMetrics, name: string): Promise<string[]> {
  const { body } = await metrics.text();
  return body.split('\n').filter((line) => new RegExp(`^${name}(_bucket|_sum|_count)?[{ ]`).test(line));
}

describe('createPrometheusMetrics()', () => {
  test('registers every metric of the table with its type and help, and those of the process', async () => {
    const { body, contentType } = await createPrometheusMetrics().text();
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    for (const [name, { type, help }] of Object.entries(definitions)) {
      expect(body).toContain(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`);
    }
    expect(body).toMatch(/^process_cpu_seconds_total /m);
    expect(body).toMatch(/^nodejs_eventloop_lag_seconds /m);
  });

  test('gives no gauge the name of a counter', async () => {
    const { body } = await createPrometheusMetrics().text();
    const gauges = [...body.matchAll(/^# TYPE (\S+) gauge$/gm)].map(([, name]) => name);
    expect(gauges).toContain('nodejs_active_resources');
    expect(gauges.filter((name) => name!.endsWith('_total'))).toEqual([]);
  });

  test('keeps a registry of its own', async () => {
    const [one, other] = [createPrometheusMetrics(), createPrometheusMetrics()];
    one.increment('tidewatch_flushes_total', { complete: 'true' });
    expect(await linesOf(other, 'tidewatch_flushes_total')).toEqual([
      'tidewatch_flushes_total{complete="true"} 0',
      'tidewatch_flushes_total{complete="false"} 0',
    ]);
  });

  test('starts every series of closed labels at zero, so that rate() sees the first count', async () => {
    const lines = await linesOf(createPrometheusMetrics(), 'tidewatch_lookups_total');
    expect(lines).toHaveLength(6 * 4);
    expect(lines).toContain('tidewatch_lookups_total{stream="activity",result="hit"} 0');
  });

  test('increment(), set() and observe() add up', async () => {
    const metrics = createPrometheusMetrics();
    metrics.increment('tidewatch_alerts_total', { activity: 'create' });
    metrics.increment('tidewatch_alerts_total', { activity: 'create' }, 4);
    metrics.set('tidewatch_watermark_delay_seconds', {}, 9);
    metrics.observe('tidewatch_event_to_alert_seconds', {}, 20);
    expect(await linesOf(metrics, 'tidewatch_alerts_total')).toContain('tidewatch_alerts_total{activity="create"} 5');
    expect(await linesOf(metrics, 'tidewatch_watermark_delay_seconds')).toEqual([
      'tidewatch_watermark_delay_seconds 9',
    ]);
    const histogram = await linesOf(metrics, 'tidewatch_event_to_alert_seconds');
    expect(histogram).toContain('tidewatch_event_to_alert_seconds_bucket{le="15"} 0');
    expect(histogram).toContain('tidewatch_event_to_alert_seconds_bucket{le="60"} 1');
    expect(histogram).toContain('tidewatch_event_to_alert_seconds_count 1');
  });

  test('increment() refuses to let a counter fall', () => {
    expect(() => createPrometheusMetrics().increment('tidewatch_alerts_total', { activity: 'create' }, -1)).toThrow(
      RangeError,
    );
  });
});

describe('onScrape()', () => {
  test('reads gauges anew at each scrape, so that series vanish with what they describe', async () => {
    const metrics = createPrometheusMetrics();
    let partitions = ['0', '1'];
    metrics.onScrape((scrape) => {
      for (const partition of partitions) scrape.set('tidewatch_partition_lag_events', { hub: 'h', partition }, 3);
    });
    expect(await linesOf(metrics, 'tidewatch_partition_lag_events')).toHaveLength(2);
    partitions = ['1'];
    expect(await linesOf(metrics, 'tidewatch_partition_lag_events')).toEqual([
      'tidewatch_partition_lag_events{hub="h",partition="1"} 3',
    ]);
  });

  test('leaves gauges alone that are set as it happens', async () => {
    const metrics = createPrometheusMetrics();
    metrics.set('tidewatch_build_info', { version: '1', node: 'v24' }, 1);
    metrics.onScrape((scrape) => {
      scrape.set('tidewatch_watermark_delay_seconds', {}, 1);
    });
    await metrics.text();
    expect(await linesOf(metrics, 'tidewatch_build_info')).toEqual(['tidewatch_build_info{version="1",node="v24"} 1']);
  });

  test('takes totals that another part keeps, whatever the number of scrapes', async () => {
    const metrics = createPrometheusMetrics();
    let total = 7;
    metrics.onScrape((scrape) => {
      scrape.total('tidewatch_evictions_total', { reason: 'candidate_bound' }, total);
    });
    await metrics.text();
    await metrics.text();
    total = 9;
    expect(await linesOf(metrics, 'tidewatch_evictions_total')).toContain(
      'tidewatch_evictions_total{reason="candidate_bound"} 9',
    );
  });

  test('refuses a total that fell', async () => {
    const metrics = createPrometheusMetrics();
    let total = 2;
    metrics.onScrape((scrape) => scrape.total('tidewatch_dead_letters_dropped_total', {}, total--));
    await metrics.text();
    await expect(metrics.text()).rejects.toThrow(RangeError);
  });
});
