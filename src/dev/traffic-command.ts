import { parseArgs } from 'node:util';
import { systemClock } from '../adapters/system/clock.ts';
import type { GeneratedMessage, HubRole } from './traffic/message.ts';
import { hubRoles } from './traffic/message.ts';
import { Publisher } from './traffic/publisher.ts';
import { readBodies, writeBodies } from './traffic/record-file.ts';
import { Traffic } from './traffic/traffic.ts';
import { hubNames, toldToStop } from './stack.ts';

/** How often generated traffic is published, in true milliseconds. */
const publishEveryMs = 500;

function connectionString(given: string | undefined): string {
  const connection = given ?? process.env['EVENTHUB_CONNECTION_STRING'];
  if (connection !== undefined) return connection;
  throw new TypeError('Cannot publish as no namespace is named: set EVENTHUB_CONNECTION_STRING or --connection-string');
}

/** Publishes the bodies of a file to one hub, in order. */
async function publishFile(file: string, role: HubRole, publisher: Publisher): Promise<void> {
  const batch: GeneratedMessage[] = [];
  let messages = 0;
  for await (const body of readBodies(file)) {
    batch.push({ hub: role, body, enqueuedMs: 0, kinds: [] });
    messages += 1;
    if (batch.length >= 100) await publisher.publish(batch.splice(0));
  }
  await publisher.publish(batch);
  process.stderr.write(`Published ${messages} message bodies of ${file}\n`);
}

/** Publishes generated traffic until told to stop. */
async function publishTraffic(traffic: Traffic, now: () => number, publisher: Publisher): Promise<void> {
  const stopping = new AbortController();
  void toldToStop().then(() => stopping.abort());
  let fromMs = now();
  let total = 0;
  while (!stopping.signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, publishEveryMs));
    const toMs = now();
    total += (await publisher.publish(traffic.next(fromMs, toMs))).messages;
    fromMs = toMs;
  }
  process.stderr.write(`Published ${total} generated message bodies\n`);
}

/**
 * `npm run traffic`: publishes message bodies to the hubs: generated ones until told to stop, or with --records FILE those
 * of a file, or with --write FOLDER writes `--hours` of generated ones there instead.
 */
export async function traffic(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      records: { type: 'string' },
      hub: { type: 'string', default: 'activity' },
      write: { type: 'string' },
      hours: { type: 'string', default: '24' },
      seed: { type: 'string', default: '1' },
      scale: { type: 'string', default: '1' },
      'connection-string': { type: 'string' },
    },
  });
  const speed = Number(process.env['SPEED'] ?? '1');
  const clock = systemClock({ speed, originMs: Date.parse(process.env['SPEED_ORIGIN'] ?? '1970-01-01T00:00:00Z') });
  const now = (): number => Math.round(clock.now());
  const seed = Number(values.seed);
  const scale = Number(values.scale);
  if (values.write !== undefined) {
    const endMs = now();
    const startMs = endMs - Number(values.hours) * 3_600_000;
    await writeBodies(values.write, new Traffic({ seed, scale, startMs }).between(startMs, endMs));
    return;
  }
  const role = hubRoles.find((each) => each === values.hub);
  if (role === undefined) throw new RangeError(`Cannot publish to ${values.hub}: choose one of ${hubRoles.join(', ')}`);
  const publisher = new Publisher({ connectionString: connectionString(values['connection-string']), hubs: hubNames });
  try {
    if (values.records === undefined)
      await publishTraffic(new Traffic({ seed, scale, startMs: now() }), now, publisher);
    else await publishFile(values.records, role, publisher);
  } finally {
    await publisher.close();
  }
}
