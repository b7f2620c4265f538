import { type Incident, type IntelligenceStep } from '../../src/dev/traffic/incident.ts';
import { scriptedIncidents } from '../../src/dev/traffic/incidents.ts';
import type { GeneratedMessage } from '../../src/dev/traffic/message.ts';
import { createPopulation } from '../../src/dev/traffic/population.ts';
import { threatIntelligence } from '../../src/dev/traffic/threat-intelligence.ts';
import { Traffic } from '../../src/dev/traffic/traffic.ts';

/** An incident with the ordinary traffic and the intelligence it hides among. */
export interface GoldenScenario {
  readonly incident: Incident;
  /** When the incident begins. */
  readonly startMs: number;
  /** In the order in which they are enqueued. */
  readonly messages: readonly GeneratedMessage[];
  /** In order of time. */
  readonly intelligence: readonly IntelligenceStep[];
}

const seed = 1;
const hourMs = 3_600_000;

/** A Monday morning, 2026-03-02T08:12:00Z: far enough from a boundary that each incident spans several hops. */
const startMs = Date.UTC(2026, 2, 2, 8, 12);

/** Every scripted incident, each hidden in four hours of traffic of the same organisation. */
export function goldenScenarios(): readonly GoldenScenario[] {
  const population = createPopulation(seed);
  return scriptedIncidents(population).map((incident) => {
    const traffic = new Traffic({ seed, startMs: startMs - hourMs, scale: 0.02, population });
    traffic.schedule(incident.messages(startMs));
    const noise = { atMs: startMs - 2 * hourMs, objects: threatIntelligence({ seed, atMs: startMs, count: 300 }) };
    return {
      incident,
      startMs,
      messages: traffic.next(startMs - hourMs, startMs + 3 * hourMs),
      intelligence: [noise, ...incident.intelligence(startMs)].toSorted((a, b) => a.atMs - b.atMs),
    };
  });
}
