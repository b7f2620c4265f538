import { createHash } from 'node:crypto';
import { hubNames } from '../../src/dev/stack.ts';
import { threatIntelligence } from '../../src/dev/traffic/threat-intelligence.ts';
import { Traffic } from '../../src/dev/traffic/traffic.ts';
import type { GeneratedMessage } from '../../src/dev/traffic/message.ts';
import { ServiceProcess } from '../support/e2e/service-process.ts';
import { StackProcess } from '../support/e2e/stack-process.ts';
import { sumOf } from '../verify/exposition.ts';
import { type Figure, median, tableOf } from './figures.ts';
import { growthTable } from './growth.ts';

export interface ScaleOptions {
  readonly isSmall: boolean;
  readonly repetitions: number;
}

const minuteMs = 60_000;
const historyMs = 180 * minuteMs;
const partitions = 4;
const shards = 4;

/** The roles of the hubs that a service reads by default. */
const read = new Set<string>(['activity', 'signIn', 'servicePrincipal']);

/** Messages that are written to the broker with one request. */
const batch = 40;

interface Run {
  /** CPU time of the service's process, in seconds. */
  readonly cpu: number;
  readonly records: number;
  readonly observations: number;
  readonly routedBytes: number;
}

/** Traffic of the last hours, up to about so many records. */
function messagesOf(records: number, isSmall: boolean, nowMs: number): readonly GeneratedMessage[] {
  const traffic = new Traffic({ seed: 1, scale: isSmall ? 1 : 8, startMs: nowMs - historyMs });
  const messages: GeneratedMessage[] = [];
  let count = 0;
  for (let fromMs = nowMs - historyMs; fromMs < nowMs && count < records; fromMs += minuteMs) {
    const next = traffic.next(fromMs, fromMs + minuteMs).filter(({ hub }) => read.has(hub));
    messages.push(...next);
    count += next.reduce((sum, { kinds }) => sum + kinds.length, 0);
  }
  return messages;
}

/** Has a service of one topology read everything, and measures what that took its process. */
async function run(messages: readonly GeneratedMessage[], isSharded: boolean): Promise<Run> {
  const indicators = threatIntelligence({ seed: 1, atMs: Date.now(), count: 2000 });
  const stack = await StackProcess.start({ partitions, indicators, ...(isSharded ? { shards } : {}) });
  try {
    for (let at = 0; at < messages.length; at += batch)
      for (const [hub, events] of Map.groupBy(messages.slice(at, at + batch), ({ hub }) => hub))
        await stack.write(
          hubNames[hub],
          events.map(({ body, enqueuedMs }, number) => ({
            partition: String((at + number) % partitions),
            body: Buffer.from(body).toString('utf8'),
            enqueuedMs,
          })),
        );
    const wanted = messages.reduce((sum, { kinds }) => sum + kinds.length, 0);
    const service = await ServiceProcess.start(stack.environment);
    const metrics = await service.eventually('every record to be taken', async () => {
      const text = await service.metrics();
      const replayed = sumOf(text, 'tidewatch_records_total', { outcome: 'replayed' });
      const ready = sumOf(text, 'tidewatch_indicators') > 0;
      return ready && sumOf(text, 'tidewatch_records_total') - replayed >= wanted ? text : undefined;
    });
    await service.stop();
    return {
      cpu: sumOf(metrics, 'process_cpu_seconds_total'),
      records: wanted,
      observations:
        sumOf(metrics, 'tidewatch_lookups_total', { result: 'hit' }) +
        sumOf(metrics, 'tidewatch_lookups_total', { result: 'miss' }),
      routedBytes: sumOf(metrics, 'tidewatch_routed_bytes_total'),
    };
  } finally {
    await stack.stop();
  }
}

/**
 * Measures what a record costs the service in both topologies, through the real client and a broker in a process of its
 * own: the CPU time of a process that reads a history, less that of one that finds nothing to read.
 */
export async function scale({ isSmall, repetitions }: ScaleOptions): Promise<string> {
  const messages = messagesOf(isSmall ? 3000 : 60_000, isSmall, Date.now());
  const cost = { standalone: [] as number[], sharded: [] as number[] };
  const ratios: number[] = [];
  const bytes: number[] = [];
  const told = new Set<number>();
  for (let left = repetitions; left > 0; left -= 1) {
    const perRecord = async (isSharded: boolean): Promise<number> => {
      const idle = await run([], isSharded);
      const busy = await run(messages, isSharded);
      told.add(busy.observations);
      if (isSharded) bytes.push(busy.routedBytes / busy.observations);
      return ((busy.cpu - idle.cpu) / busy.records) * 1e9;
    };
    const [standalone, sharded] = [await perRecord(false), await perRecord(true)];
    cost.standalone.push(standalone);
    cost.sharded.push(sharded);
    ratios.push(sharded / standalone);
  }
  const figures: Figure[] = [
    { name: 'records', unit: 'count', values: [messages.reduce((sum, { kinds }) => sum + kinds.length, 0)] },
    { name: 'of them looked up', unit: 'count', values: [...told] },
    { name: 'standalone: CPU per record', unit: 'ns', values: cost.standalone },
    { name: 'sharded, both halves: CPU per record', unit: 'ns', values: cost.sharded },
    { name: 'sharded as a multiple of standalone', unit: '×', values: ratios },
    { name: 'correlation hub: bytes per observation', unit: 'B', values: bytes },
  ];
  const hash = createHash('sha256')
    .update([...told].join())
    .digest('hex')
    .slice(0, 16);
  const records = messages.reduce((sum, { kinds }) => sum + kinds.length, 0);
  const growth = growthTable({
    cpuPerRecord: median(cost.sharded) / 1e9,
    observed: median([...told]) / records,
    bytesPerObservation: median(bytes),
  });
  return `${tableOf(figures)}\n\nresult ${hash}\n\n${growth}`;
}
