import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPrometheusMetrics, type PrometheusMetrics } from '../../../src/adapters/prometheus/registry.ts';
import { parseAddress } from '../../../src/core/address.ts';
import { CorrelationError } from '../../../src/core/correlation-sender.ts';
import { shardOf } from '../../../src/core/route/shard-of.ts';
import { healthLimits } from '../../../src/pipeline/health-input.ts';
import { ShardedViews } from '../../../src/pipeline/sharded-views.ts';
import type { WindowsQuery } from '../../../src/pipeline/views.ts';
import { activity, indicator, minute, noon } from '../../support/engine-bench.ts';
import { heldBy, ShardedRig, type RigReplica } from '../../support/sharded-rig.ts';

const hour = 60 * minute;
const everything: WindowsQuery = {
  caller: null,
  ip: null,
  matched: null,
  corroborated: null,
  candidates: false,
  sort: { key: 'lastSeen', descending: true },
  limit: 1000,
  cursor: null,
};

const named = indicator({ pattern: "[ipv4-addr:value = '198.51.100.0/24']" });
const addressOf = (n: number): string => `198.51.100.${n}`;

function viewsOf({ service }: RigReplica): ShardedViews {
  const limits = healthLimits({ lookback: 24 * hour, flushDelay: 5 * minute, speed: 1 });
  const metrics = (): Promise<{ contentType: string; body: string }> => Promise.resolve({ contentType: '', body: '' });
  return new ShardedViews(service, { version: '0', limits, deadLettersMaxBytes: 1, metrics, leaseMs: 15_000 });
}

/** Replicas that have taken `count` records of as many matched addresses and committed them. */
async function fleet(names: readonly string[], count = 20): Promise<{ rig: ShardedRig; replicas: RigReplica[] }> {
  const rig = new ShardedRig({ startMs: noon + minute, indicators: [named], snapshotIntervalMs: 10_000 });
  const replicas: RigReplica[] = [];
  for (const name of names) replicas.push(await rig.start(name));
  await rig.shared(replicas);
  rig.append(Array.from({ length: count }, (_, n) => activity(noon + n, { address: addressOf(n) })));
  const sent = (): number => replicas.reduce((sum, { sink }) => sum + sink.taken.length, 0);
  await rig.until(() => sent() === count, 'every alert is sent');
  await rig.clock.advance(15_000);
  return { rig, replicas };
}

/** Asks while time passes, as storage and turns take some. */
async function ask<Answer>(rig: ShardedRig, answer: Answer | Promise<Answer>): Promise<Answer> {
  return rig.during(Promise.resolve(answer));
}

describe('Every replica of a fleet', () => {
  let rig: ShardedRig;
  let replicas: RigReplica[];
  let router: RigReplica;
  const addresses = Array.from({ length: 20 }, (_, n) => addressOf(n));

  beforeAll(async () => {
    ({ rig, replicas } = await fleet(['a', 'b']));
    router = await rig.start('r', 'router');
    replicas.push(router);
  });

  afterAll(async () => {
    for (const replica of replicas) await rig.stop(replica);
  });

  test('answers /windows for all shards, in one order, and names each with its age', async () => {
    for (const replica of replicas) {
      const page = await ask(rig, viewsOf(replica).views.windows(everything));
      expect(page.items.map(({ ip }) => ip)).toEqual(addresses.toReversed());
      const own = page.shards!.filter(({ held }) => held === 'here').map(({ shard }) => shard);
      expect(own).toEqual(heldBy(replica));
      const others = page.shards!.filter(({ held }) => held !== 'here');
      expect(others).toHaveLength(replica === router ? 4 : 2);
      for (const { ageSeconds, problem, owner, held, leftOut } of others) {
        expect(ageSeconds).toBeLessThanOrEqual(30);
        expect([problem, held, leftOut]).toEqual([null, 'elsewhere', 0]);
        expect(replicas.filter((each) => each !== replica).map(({ name }) => name)).toContain(owner);
      }
    }
  });

  test('tells whose candidates it cannot list, where they are asked for', async () => {
    const { views } = viewsOf(replicas[0]!);
    const page = await ask(rig, views.windows({ ...everything, candidates: true }));
    expect([...page.withoutCandidates!, ...heldBy(replicas[0]!)].sort()).toEqual(['0', '1', '2', '3']);
    expect(await ask(rig, views.windows(everything))).not.toHaveProperty('withoutCandidates');
  });

  test('answers /windows/{ip} and /intel for an address of any shard, and tells who holds it', async () => {
    for (const replica of replicas) {
      const { views } = viewsOf(replica);
      for (const ip of addresses.slice(0, 6)) {
        const address = parseAddress(ip)!;
        const shard = String(shardOf(address, 4));
        const held = heldBy(replica).includes(shard) ? 'here' : 'elsewhere';
        const view = await ask(rig, views.address(address));
        expect(view.windows.map((window) => window.ip)).toEqual([ip]);
        expect(view.indicators).toHaveLength(1);
        expect(view.shards).toMatchObject([{ shard, held }]);
        const intel = await ask(rig, views.intel(address));
        expect(intel.shards).toMatchObject([{ shard, held }]);
        expect(intel).toMatchObject({ standing: 'pinned', matches: replica !== router });
      }
      const unknown = await ask(rig, views.address(parseAddress('192.0.2.1')!));
      expect([unknown.windows, unknown.shards]).toMatchObject([[], [{ problem: null }]]);
    }
    const intel = await ask(rig, viewsOf(router).views.intel(parseAddress(addressOf(1))!));
    expect(intel.verdict).toContain('This replica only routes');
  });

  test('answers /alerts for all shards, newest first', async () => {
    for (const replica of replicas) {
      const { views } = viewsOf(replica);
      const any = { caller: null, ip: null, activity: null, silenced: null, limit: 100 };
      const { items, shards } = await ask(rig, views.alerts(any));
      expect(items.map(({ ip }) => ip).sort()).toEqual(addresses.toSorted());
      const times = items.map(({ emittedAt }) => Date.parse(emittedAt));
      expect(times).toEqual(times.toSorted((x, y) => y - x));
      expect(shards).toHaveLength(4);
      const one = parseAddress(addressOf(7))!;
      const chosen = await ask(rig, views.alerts({ ...any, ip: { first: one, last: one } }));
      expect(chosen.items.map(({ ip }) => ip)).toEqual([addressOf(7)]);
      expect((await ask(rig, views.alerts({ ...any, limit: 3 }))).items).toHaveLength(3);
    }
  });

  test('is ready, and its health passes but for what is warming', async () => {
    for (const replica of replicas) {
      const { views } = viewsOf(replica);
      expect(views.ready()).toEqual({ ready: true, reason: 'ready' });
      const { notes } = await ask(rig, views.health());
      // Of two source partitions, one of three routers has none.
      const usual = /^(Warming|This process stands by)/;
      expect(notes.filter((note) => !usual.test(note))).toEqual([]);
    }
  });

  test('answers /flushes for all shards, newest first, each with its shard', async () => {
    await rig.clock.advance(65 * minute);
    for (const replica of replicas) {
      const { items } = await ask(rig, viewsOf(replica).views.flushes());
      expect(items.map(({ shard, windowEnd }) => [shard, windowEnd]).sort()).toEqual(
        ['0', '1', '2', '3'].map((shard) => [shard, '2026-03-02T13:00:00Z']),
      );
    }
  });
});

describe('A fleet that is not whole', () => {
  test('names the shards that nobody holds, with what they told last, and warns after a lease', async () => {
    const { rig, replicas } = await fleet(['a']);
    const router = await rig.start('r', 'router');
    const shown = viewsOf(router);
    await rig.stop(replicas[0]!);
    const page = await ask(rig, shown.views.windows(everything));
    expect(page.items).toHaveLength(20);
    expect(page.shards!.map(({ held, owner }) => [held, owner])).toEqual(Array(4).fill(['nobody', 'a']));
    const warned = async (): Promise<readonly string[]> => {
      const { notes } = await ask(rig, shown.views.health());
      return notes.filter((note) => note.includes('nobody has held it'));
    };
    expect(await warned()).toEqual([]);
    await rig.clock.advance(16_000);
    expect(await warned()).toHaveLength(4);
    await rig.stop(router);
  });

  test('fails the health of who holds a shard that an event of another version holds back', async () => {
    const { rig, replicas } = await fleet(['a'], 1);
    const { views } = viewsOf(replicas[0]!);
    rig.correlationHub.append('2', Uint8Array.of(0x54, 0x57, 0x43, 99));
    await rig.clock.advance(2000);
    const report = await ask(rig, views.health());
    expect(report.status).toBe('fail');
    expect(report.notes[0]).toMatch(/^Shard 2: Cannot go on with the shard/);
    const { shards } = await ask(
      rig,
      views.alerts({ caller: null, ip: null, activity: null, silenced: null, limit: 1 }),
    );
    expect(shards![2]!.problem).toContain('Cannot go on with the shard');
    await rig.stop(replicas[0]!);
  });

  test('fails the health of a router that the correlation hub has taken nothing from for a minute', async () => {
    const { rig, replicas } = await fleet(['a'], 1);
    const [replica] = replicas;
    const { views } = viewsOf(replica!);
    replica!.sender.faultOf = (partition) => (partition === '1' ? { code: 'unreachable' } : null);
    await rig.clock.advance(20_000);
    expect((await ask(rig, views.health())).checks['routing:send']).toMatchObject([{ status: 'warn' }]);
    await rig.clock.advance(60_000);
    expect((await ask(rig, views.health())).status).toBe('fail');
    replica!.sender.faultOf = () => null;
    await rig.clock.advance(20_000);
    expect((await ask(rig, views.health())).checks['routing:send']).toMatchObject([{ status: 'pass' }]);
    await rig.stop(replica!);
  });

  test('answers and says why while it cannot start', async () => {
    const rig = new ShardedRig({ startMs: noon });
    const replica = rig.open('a');
    const { views } = viewsOf(replica);
    expect(views.ready().ready).toBe(false);
    expect((await ask(rig, views.windows(everything))).items).toEqual([]);
    replica.sender.read = () => Promise.reject(new CorrelationError('not_found', 'there is no hub'));
    const started = replica.service.start();
    await rig.clock.advance(1000);
    expect(views.ready()).toEqual({ ready: false, reason: 'Cannot start: there is no hub' });
    const report = await ask(rig, views.health());
    expect(report.status).toBe('fail');
    expect(report.notes).toContain('Cannot start: there is no hub');
    await rig.stop(replica);
    await started;
  });
});

describe('Metrics of a replica', () => {
  /** Values by series, without those of the process. */
  async function scraped(metrics: PrometheusMetrics): Promise<Map<string, number>> {
    const { body } = await metrics.text();
    const lines = body.split('\n').filter((line) => line.startsWith('tidewatch_'));
    return new Map(lines.map((line) => [line.replace(/ [^ ]*$/, ''), Number(/[^ ]*$/.exec(line)?.[0])]));
  }

  function metricsOf(replica: RigReplica): PrometheusMetrics {
    const metrics = createPrometheusMetrics();
    const views = viewsOf(replica);
    metrics.onScrape((scrape) => views.scrape(scrape));
    return metrics;
  }

  test('are sums over its shards, and counters do not fall or repeat when a shard goes to another', async () => {
    const { rig, replicas } = await fleet(['a', 'b']);
    const [a, b] = replicas;
    const [ofA, ofB] = [metricsOf(a!), metricsOf(b!)];
    const created = 'tidewatch_alerts_total{activity="create"}';
    const pinned = 'tidewatch_windows{state="pinned"}';
    const [beforeA, beforeB] = [await scraped(ofA), await scraped(ofB)];
    expect(beforeA.get(created)! + beforeB.get(created)!).toBe(20);
    expect(beforeA.get(pinned)! + beforeB.get(pinned)!).toBe(20);
    expect(beforeA.get(created)).toBe(beforeA.get(pinned));
    expect(beforeA.get('tidewatch_shards{state="held"}')).toBe(2);
    expect(beforeA.get('tidewatch_shards{state="elsewhere"}')).toBe(2);
    // Two shards, each with a fourth of the bound.
    expect(beforeA.get('tidewatch_window_bytes_limit{kind="pinned"}')).toBe((2 * 64 * 1024 ** 2) / 4);
    expect(beforeA.get('tidewatch_bound_limit{bound="routed"}')).toBe(16 * 1024 ** 2);
    const delays = [...beforeA].filter(([name]) => name.startsWith('tidewatch_shard_watermark_delay_seconds'));
    expect(delays).toHaveLength(2);
    const delay = beforeA.get('tidewatch_watermark_delay_seconds');
    expect(delay).toBe(Math.max(...delays.map(([, value]) => value)));
    await rig.stop(a!);
    await rig.shared([b!]);
    const [afterA, afterB] = [await scraped(ofA), await scraped(ofB)];
    expect(afterA.get(created)).toBe(beforeA.get(created));
    expect(afterB.get(created)).toBe(beforeB.get(created));
    expect(afterB.get(pinned)).toBe(20);
    expect(afterB.get('tidewatch_shards{state="held"}')).toBe(4);
    await rig.stop(b!);
  });
});
