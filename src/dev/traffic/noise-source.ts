import { envelope, type GeneratedMessage, type GeneratedRecord } from './message.ts';
import { keyVaultRecord, metricRecord } from './noise-record.ts';
import { autoscaleRecord, resourceHealthRecord } from './platform-record.ts';
import { foreignText, functionAppRecord } from './poison.ts';
import { Random } from './random.ts';
import { disturb, type SourceSettings, type TrafficSource } from './traffic-source.ts';

/** What shares the Activity log's hub without being an operation of anybody: resource logs, metrics, the platform itself. */
export class NoiseSource implements TrafficSource {
  readonly slotMs = 60_000;
  readonly #settings: SourceSettings;

  constructor(settings: SourceSettings) {
    this.#settings = settings;
  }

  slot(startMs: number): GeneratedMessage[] {
    const { seed, rates, faults, population } = this.#settings;
    const random = new Random(`noise/${seed}/${startMs}`);
    const resource = () => random.pick(population.resources);
    const principal = () => random.pick(population.servicePrincipals);
    const at = () => startMs + random.between(0, this.slotMs - 1);
    const vault = this.#records(rates.keyVault, random, () => ({
      kind: 'unread',
      text: keyVaultRecord(resource(), principal(), at(), random),
    }));
    const metrics = this.#records(rates.metrics, random, () => ({
      kind: 'unread',
      text: metricRecord(resource(), at(), random),
    }));
    const platform = this.#records(rates.platform, random, () => ({
      kind: 'activity',
      text: random.chance(0.7)
        ? resourceHealthRecord(resource(), at(), random)
        : autoscaleRecord(resource(), at(), random),
    }));
    const endMs = startMs + this.slotMs;
    const enveloped = [vault, metrics, ...platform.map((record) => [record])]
      .filter((records) => records.length > 0)
      .map((records) => envelope('activity', endMs + random.between(2_000, 60_000), records));
    return [...disturb(enveloped, faults, random), ...this.#strays(endMs, random)];
  }

  #records(rate: number, random: Random, make: () => GeneratedRecord): GeneratedRecord[] {
    return Array.from({ length: random.poisson((rate * this.slotMs) / 1000) }, make);
  }

  #strays(endMs: number, random: Random): GeneratedMessage[] {
    const strays: GeneratedMessage[] = [];
    const { poison } = this.#settings.faults;
    if (random.chance(poison * 10)) {
      const record: GeneratedRecord = { kind: 'unread', text: functionAppRecord(endMs, random) };
      strays.push(envelope('activity', endMs + 3_000, [record]));
    }
    if (random.chance(poison * 5)) {
      const body = new TextEncoder().encode(foreignText(random));
      strays.push({ hub: 'activity', body, enqueuedMs: endMs + 4_000, kinds: ['unread'] });
    }
    return strays;
  }
}
