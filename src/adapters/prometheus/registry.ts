import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { type Definition, definitions, type LabelValues } from '../../telemetry/definitions.ts';
import type { CounterName, GaugeName, HistogramName, LabelsOf, Metrics, Scrape } from '../../telemetry/metrics.ts';

interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

export interface PrometheusMetrics extends Metrics {
  /** Registers what to read at each scrape. Callbacks run in the order of registration, before the text is made. */
  onScrape(collect: (scrape: Scrape) => void): void;
  /** The metrics in the text format of Prometheus 0.0.4. */
  text(): Promise<Exposition>;
}

/**
 * Gauges of prom-client's default metrics that end in _total, which `promtool check metrics` refuses. They are the sums of
 * gauges that stay.
 */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** Every combination of labels whose values are all closed sets; none when one of them is open. */
function combinations(labels: Readonly<Record<string, LabelValues>>): Record<string, string>[] {
  let rows: Record<string, string>[] = [{}];
  for (const [label, values] of Object.entries(labels)) {
    const closed = 'each' in values ? [] : values;
    rows = rows.flatMap((row) => closed.map((value) => ({ ...row, [label]: value })));
  }
  return rows;
}

class Instruments {
  readonly #registry: Registry;
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();

  constructor(registry: Registry) {
    this.#registry = registry;
    const table: readonly (readonly [string, Definition])[] = Object.entries(definitions);
    for (const [name, definition] of table) this.#create(name, definition);
  }

  #create(name: string, { type, help, labels, buckets }: Definition): void {
    const shared = { name, help, labelNames: Object.keys(labels), registers: [this.#registry] };
    switch (type) {
      case 'counter': {
        const counter = new Counter(shared);
        // rate() misses what a series counted before its first sample, so series that can be named start at zero.
        for (const row of combinations(labels)) counter.inc(row, 0);
        this.#counters.set(name, counter);
        return;
      }
      case 'gauge':
        this.#gauges.set(name, new Gauge(shared));
        return;
      case 'histogram':
        this.#histograms.set(name, new Histogram({ ...shared, buckets: [...(buckets ?? [])] }));
    }
  }

  counter(name: CounterName): Counter {
    return present(this.#counters.get(name), name);
  }

  gauge(name: GaugeName): Gauge {
    return present(this.#gauges.get(name), name);
  }

  histogram(name: HistogramName): Histogram {
    return present(this.#histograms.get(name), name);
  }
}

function present<T>(instrument: T | undefined, name: string): T {
  if (instrument === undefined) throw new TypeError(`Cannot use ${name} as no metric of this type has that name`);
  return instrument;
}

/** Writes what one scrape reads: gauges anew each time, counters by what their total grew since the last scrape. */
class ScrapeWriter implements Scrape {
  readonly #instruments: Instruments;
  readonly #written = new Set<Gauge>();
  readonly #totals = new Map<string, number>();

  constructor(instruments: Instruments) {
    this.#instruments = instruments;
  }

  begin(): void {
    for (const gauge of this.#written) gauge.reset();
    this.#written.clear();
  }

  set<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>, value: number): void {
    const gauge = this.#instruments.gauge(name);
    gauge.set(labels, value);
    this.#written.add(gauge);
  }

  total<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, value: number): void {
    const series = JSON.stringify([name, Object.entries(labels).sort()]);
    const grown = value - (this.#totals.get(series) ?? 0);
    if (grown < 0) throw new RangeError(`Cannot write ${name} as a counter never falls: it fell by ${-grown}`);
    this.#instruments.counter(name).inc(labels, grown);
    this.#totals.set(series, value);
  }
}

/**
 * The metrics of the table on prom-client, with a registry of their own and the metrics of the process beside them
 * (https://github.com/siimon/prom-client#default-metrics).
 */
export function createPrometheusMetrics(): PrometheusMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  const instruments = new Instruments(registry);
  const writer = new ScrapeWriter(instruments);
  const collectors: ((scrape: Scrape) => void)[] = [];
  return {
    increment: (name, labels, amount = 1) => {
      if (!(amount >= 0)) throw new RangeError(`Cannot add to ${name} as a counter never falls: amount is ${amount}`);
      instruments.counter(name).inc(labels, amount);
    },
    set: (name, labels, value) => instruments.gauge(name).set(labels, value),
    observe: (name, labels, value) => instruments.histogram(name).observe(labels, value),
    onScrape: (collect) => {
      collectors.push(collect);
    },
    text: async () => {
      writer.begin();
      for (const collect of collectors) collect(writer);
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}
