import type { Metrics } from '../../../src/telemetry/metrics.ts';

/** Adds counters up, by name and labels. */
export class CountingMetrics implements Metrics {
  readonly #counts = new Map<string, Map<string, number>>();

  increment(name: string, labels: Readonly<Record<string, string>>, amount = 1): void {
    const series = this.#counts.get(name) ?? new Map<string, number>();
    this.#counts.set(name, series);
    const key = JSON.stringify(labels);
    series.set(key, (series.get(key) ?? 0) + amount);
  }

  set(): void {
    // Gauges are read where they are kept.
  }

  observe(): void {
    // No law speaks of distributions.
  }

  /** The sum over the series of a counter whose labels fit. */
  sum(name: string, where: Readonly<Record<string, string>> = {}): number {
    let sum = 0;
    for (const [key, count] of this.#counts.get(name) ?? []) {
      const labels = JSON.parse(key) as Record<string, string>;
      if (Object.entries(where).every(([label, value]) => labels[label] === value)) sum += count;
    }
    return sum;
  }
}
