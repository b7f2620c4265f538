import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { Alert } from '../core/alert/alert.ts';
import { alertLine, endLine, type ReplicaFacts, shardLine, summary } from './demo-text.ts';
import { collectionId, hubNames, type Stack, startStack, toldToStop } from './stack.ts';
import type { Incident, IntelligenceStep } from './traffic/incident.ts';
import { scriptedIncidents } from './traffic/incidents.ts';
import { Publisher } from './traffic/publisher.ts';
import { minuteMs } from './traffic/span.ts';
import { threatIntelligence } from './traffic/threat-intelligence.ts';
import { Traffic } from './traffic/traffic.ts';

const publishEveryMs = 250;
const historyMs = 180 * minuteMs;

/** Minutes before the demo's start at which each incident began; some of each lies ahead, so that it is seen to arrive. */
const begunMinutesAgo: Readonly<Record<string, number>> = {
  'stolen-service-principal': 100,
  'guest-on-anonymiser': 30,
  'noisy-shared-exit': 60,
  'retroactive-match': 75,
  'other-principal': 60,
  'address-in-range': 5,
  'revoked-midway': 150,
};

interface Story {
  readonly incident: Incident;
  readonly startMs: number;
}

function storiesFrom(traffic: Traffic, nowMs: number): Story[] {
  return scriptedIncidents(traffic.population).map((incident) => ({
    incident,
    startMs: nowMs - (begunMinutesAgo[incident.name] ?? 30) * minuteMs,
  }));
}

/** Fills the broker with what was enqueued before the start, and gives the collection what it held by then. */
function fillHistory(stack: Stack, traffic: Traffic, stories: readonly Story[], nowMs: number): IntelligenceStep[] {
  for (const { incident, startMs } of stories) traffic.schedule(incident.messages(startMs));
  for (const { hub, body, enqueuedMs } of traffic.next(nowMs - historyMs, nowMs))
    stack.broker.hub(hubNames[hub]).append(null, body, { enqueuedMs });
  const steps = stories.flatMap(({ incident, startMs }) => incident.intelligence(startMs));
  const collection = stack.taxii.collection(collectionId);
  for (const { objects } of steps.filter(({ atMs }) => atMs <= nowMs)) collection.add(objects);
  return steps.filter(({ atMs }) => atMs > nowMs).sort((a, b) => a.atMs - b.atMs);
}

/** Publishes traffic through the real client and changes the feed as the stories tell, until the signal aborts. */
async function play(stack: Stack, traffic: Traffic, steps: IntelligenceStep[], signal: AbortSignal): Promise<void> {
  const publisher = new Publisher({ connectionString: stack.broker.connectionString(), hubs: hubNames });
  const now = (): number => Math.round(stack.clock.now());
  for (let fromMs = now(); !signal.aborted;) {
    await new Promise((resolve) => setTimeout(resolve, publishEveryMs));
    const toMs = now();
    await publisher.publish(traffic.next(fromMs, toMs));
    fromMs = toMs;
    for (const { objects } of steps.splice(0, steps.filter(({ atMs }) => atMs <= toMs).length))
      stack.taxii.collection(collectionId).add(objects);
  }
  await publisher.close();
}

/** Shards of a fleet: some for each of the few replicas that a machine bears. */
const shards = 6;

/** Starts the unchanged service as a process of its own. */
function startService(stack: Stack, logFile: string, port = '0'): ChildProcess {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, '../main.ts'), 'serve'], {
    env: { ...process.env, ...stack.environment, HTTP_PORT: port, LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stderr.pipe(createWriteStream(logFile));
  return child;
}

/** Resolves with the URL of the API, which the service logs when it listens. */
function listeningUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`Cannot show the demo as the service ended with ${code}`)));
    if (child.stderr === null) return;
    createInterface({ input: child.stderr }).on('line', (line) => {
      const [, url] = /"url":"([^"]+)"/.exec(line) ?? [];
      if (url !== undefined) resolve(url);
    });
  });
}

/** A process of the service, and where it is asked. */
interface Shown extends ReplicaFacts {
  readonly child: ChildProcess;
}

/** Starts so many replicas, or the one service there is. */
async function startServices(stack: Stack, count: number): Promise<Shown[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'tidewatch-demo-'));
  const names = Array.from({ length: count }, (_, number) => (count === 1 ? 'service' : `replica-${number + 1}`));
  return Promise.all(
    names.map(async (name, number) => {
      const logFile = path.join(folder, `${name}.log`);
      const child = startService(stack, logFile, number === 0 ? process.env['HTTP_PORT'] : '0');
      return { child, logFile, url: await listeningUrl(child), pid: child.pid ?? 0 };
    }),
  );
}

/** Prints what the services say, and resolves when the last of them has ended. */
async function show(services: readonly Shown[], startedMs: number): Promise<void> {
  const seconds = (): number => (performance.now() - startedMs) / 1000;
  await Promise.all(
    services.map(
      ({ child, pid }) =>
        new Promise<void>((resolve) => {
          if (child.stdout !== null)
            createInterface({ input: child.stdout }).on('line', (line) => {
              process.stdout.write(alertLine(JSON.parse(line) as Alert, seconds()));
            });
          if (child.stderr !== null && services.length > 1)
            createInterface({ input: child.stderr }).on('line', (line) => {
              process.stdout.write(shardLine(line, pid, seconds()));
            });
          child.once('exit', () => {
            if (services.length > 1) process.stdout.write(endLine(pid, seconds()));
            resolve();
          });
        }),
    ),
  );
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await exit;
}

/** `npm run demo`: the local stack, an organisation's traffic with scripted incidents, and the service reading it. */
export async function demo(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      speed: { type: 'string', default: '60' },
      seconds: { type: 'string' },
      seed: { type: 'string', default: '1' },
      scale: { type: 'string', default: '0.1' },
      replicas: { type: 'string', default: '1' },
    },
  });
  const stopping = toldToStop();
  const startedMs = performance.now();
  const seed = Number(values.seed);
  const indicators = threatIntelligence({ seed, atMs: Date.now(), count: 2000 });
  const replicas = Number(values.replicas);
  const stack = await startStack({
    speed: Number(values.speed),
    indicators,
    ...(replicas > 1 ? { shards } : {}),
  });
  const nowMs = Math.round(stack.clock.now());
  const traffic = new Traffic({ seed, scale: Number(values.scale), startMs: nowMs - historyMs });
  const stories = storiesFrom(traffic, nowMs);
  const steps = fillHistory(stack, traffic, stories, nowMs);
  const services = await startServices(stack, replicas);
  process.stdout.write(
    summary({ replicas: services, speed: Number(values.speed), stories: stories.map(({ incident }) => incident) }),
  );
  const allEnded = show(services, startedMs);
  const ending = new AbortController();
  const playing = play(stack, traffic, steps, ending.signal);
  const limit =
    values.seconds === undefined ? [] : [new Promise((resolve) => setTimeout(resolve, Number(values.seconds) * 1000))];
  await Promise.race([stopping, playing, ...limit, allEnded]);
  process.stdout.write('\nStopping\n');
  ending.abort();
  await Promise.allSettled([playing, ...services.map(({ child }) => ended(child))]);
  await stack.stop();
}
