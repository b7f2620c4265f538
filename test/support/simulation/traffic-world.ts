import { HOUR_MS } from '../../../src/core/time.ts';
import type { Incident } from '../../../src/dev/traffic/incident.ts';
import { scriptedIncidents } from '../../../src/dev/traffic/incidents.ts';
import type { GeneratedMessage } from '../../../src/dev/traffic/message.ts';
import { createPopulation } from '../../../src/dev/traffic/population.ts';
import { Traffic } from '../../../src/dev/traffic/traffic.ts';
import type { Publication } from './memory-feed.ts';
import { logsOf, partitionCount, type World } from './world.ts';

const day = 24 * HOUR_MS;

/** A day of an organisation in which every scripted incident happens, and another until each has left the window. */
export interface TrafficWorld {
  readonly world: World;
  readonly incidents: readonly Incident[];
}

/** Activity goes to the first two partitions in turn, everything of Entra to the others. */
function partitionOf({ hub }: GeneratedMessage, index: number): number {
  return (hub === 'activity' ? 0 : 2) + (index % (partitionCount / 2));
}

/** One published object after the other, at the times of the scripts; what a script has at once stays in its order. */
function publications(incidents: readonly Incident[], startsMs: readonly number[], beforeMs: number): Publication[] {
  return incidents
    .flatMap((incident, index) => incident.intelligence(startsMs[index]!))
    .flatMap(({ atMs, objects }) =>
      objects.map((object) => ({ object, fromMs: Math.max(atMs, beforeMs), untilMs: Number.POSITIVE_INFINITY })),
    );
}

export function trafficWorld(seed: number): TrafficWorld {
  const startMs = Date.UTC(2026, 2, 2, 5, 43);
  const endMs = startMs + 42 * HOUR_MS;
  const population = createPopulation(seed);
  const incidents = scriptedIncidents(population);
  const startsMs = incidents.map((_, index) => startMs - HOUR_MS + index * 2 * HOUR_MS);
  const traffic = new Traffic({ seed, startMs: startMs - 6 * HOUR_MS, scale: 0.01, population });
  traffic.schedule(incidents.flatMap((incident, index) => incident.messages(startsMs[index]!)));
  const messages = traffic.next(startMs - 6 * HOUR_MS, startMs + 16 * HOUR_MS);
  const source = { name: 'dev', defaultConfidence: null, tlp: '', maxAgeMs: 365 * day, useDstRef: false } as const;
  const world: World = {
    startMs,
    endMs,
    options: {
      minConfidence: 75,
      lookbackMs: day,
      flushDelayMs: 300_000,
      excludedRanges: ['10.0.0.0/8', '168.63.129.16/32'],
      statuses: ['Success'],
      deduplicate: true,
      optionalStreams: [],
    },
    logs: logsOf(
      messages.map((message, index) => ({ ...message, partition: partitionOf(message, index) })),
      startMs - day,
    ),
    intelligence: [{ source, publications: publications(incidents, startsMs, startMs - HOUR_MS) }],
  };
  return { world, incidents };
}
