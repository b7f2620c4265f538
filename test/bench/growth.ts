/** What one record costs, as the bench measured it. */
export interface MeasuredCost {
  /** CPU time of both halves, in seconds. */
  readonly cpuPerRecord: number;
  /** Share of records that tell the rule something. */
  readonly observed: number;
  /** On the correlation hub. */
  readonly bytesPerObservation: number;
}

/** What is assumed beside what was measured. */
export const assumed = {
  /** How busy a core is kept, so that a peak and a takeover have room. */
  utilisation: 0.5,
  /** The busiest hour against the mean. */
  peak: 2,
  /** An event is closed at this many bytes of observations, or when one has waited this long. */
  eventBytes: 64 * 1024,
  lingerSeconds: 0.2,
  /** Watermarks of every source partition, with each event. */
  trailerBytes: 1000,
  /** A throughput unit of the standard tier takes 1 MB or 1,000 events a second, and gives 2 MB. */
  unitBytes: 1e6,
  unitEvents: 1000,
  /** Shards for each replica, so that one more replica has something to take. */
  shardsPerReplica: 2,
  /** Observations of one address within the lookback. */
  observationsPerAddress: 100,
  /** Held for an address of few panes, by the bench of the restart. */
  bytesPerAddress: 1500,
  /** For each observation that may come again. */
  bytesPerIdentity: 40,
} as const;

/** What so many records a day need. */
export interface Need {
  readonly recordsPerDay: number;
  readonly cores: number;
  readonly replicas: number;
  readonly shards: number;
  /** Of the correlation hub, at the peak. */
  readonly megabytesPerSecond: number;
  readonly eventsPerSecond: number;
  readonly throughputUnits: number;
  /** Over all replicas. */
  readonly gigabytes: number;
}

/** Grows linearly but for the events of routers that wait for company: R routers send to S shards up to 5 R S a second. */
export function needOf(recordsPerDay: number, { cpuPerRecord, observed, bytesPerObservation }: MeasuredCost): Need {
  const recordsPerSecond = (recordsPerDay / 86_400) * assumed.peak;
  const cores = recordsPerSecond * cpuPerRecord;
  const replicas = Math.max(2, Math.ceil(cores / assumed.utilisation));
  const shards = replicas * assumed.shardsPerReplica;
  const lanes = replicas * shards;
  const observationsPerLane = (recordsPerSecond * observed) / lanes;
  const byBytes = (observationsPerLane * bytesPerObservation) / assumed.eventBytes;
  const byTime = Math.min(1 / assumed.lingerSeconds, Math.max(1, observationsPerLane));
  const eventsPerSecond = lanes * Math.max(byBytes, byTime);
  const bytesPerSecond = recordsPerSecond * observed * bytesPerObservation + eventsPerSecond * assumed.trailerBytes;
  const observations = recordsPerDay * observed;
  const bytes =
    (observations / assumed.observationsPerAddress) * assumed.bytesPerAddress + observations * assumed.bytesPerIdentity;
  return {
    recordsPerDay,
    cores,
    replicas,
    shards,
    megabytesPerSecond: bytesPerSecond / 1e6,
    eventsPerSecond,
    throughputUnits: Math.max(
      1,
      Math.ceil(Math.max(bytesPerSecond / assumed.unitBytes, eventsPerSecond / assumed.unitEvents)),
    ),
    gigabytes: bytes / 1e9,
  };
}

/** From a million to ten thousand million records a day, as the rows of a Markdown table. */
export function growthTable(cost: MeasuredCost): string {
  const rows = [1e6, 1e7, 1e8, 1e9, 1e10].map((records) => {
    const need = needOf(records, cost);
    const numbers = [
      need.cores.toFixed(2),
      String(need.replicas),
      String(need.shards),
      need.megabytesPerSecond.toFixed(2),
      need.eventsPerSecond.toFixed(0),
      String(need.throughputUnits),
      need.gigabytes.toFixed(1),
    ];
    return `| ${records.toLocaleString('en-US')} | ${numbers.join(' | ')} |`;
  });
  const head = ['records a day', 'cores', 'replicas', 'shards', 'MB/s', 'events/s', 'throughput units', 'GB'];
  return [`| ${head.join(' | ')} |`, `| ${head.map(() => '---').join(' | ')} |`, ...rows].join('\n');
}
