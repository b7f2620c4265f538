import { describe, expect, test } from 'vitest';
import { FleetSummaryError, decodeFleetSummary, encodeFleetSummary } from '../../../src/pipeline/fleet-summary.ts';
import { Fleet, type StoredShard } from '../../../src/pipeline/fleet.ts';
import { activity, EngineBench, indicator, minute, noon } from '../../support/engine-bench.ts';
import { memoryCodec } from '../../support/memory-codec.ts';
import { MemoryStateStore } from '../../support/memory-state-store.ts';
import { StateOwner } from '../../support/state-rig.ts';
import { SteppingRealTime } from '../../support/stepping-real-time.ts';
import { summaryBytes, summaryOf } from '../../support/summary-rig.ts';

/** Shard 0 with an owner that tells of it, and a reader of its own view. */
async function rig() {
  const place = new MemoryStateStore();
  const owner = await StateOwner.start(place.open(), { summarize: (engine) => summaryBytes(engine) });
  owner.take(activity(noon + minute));
  await owner.commit();
  const realTime = new SteppingRealTime();
  const store = place.open();
  const fleet = new Fleet({ storeOf: () => store, codec: memoryCodec, realTime });
  const read = async (): Promise<StoredShard> => (await fleet.read(['0'])).get('0')!;
  const methods = (): string[] => store.calls.splice(0).map(({ method }) => method);
  return { place, owner, realTime, store, fleet, read, methods };
}

describe('Fleet', () => {
  test('reads the head every two seconds, and a summary only when another is named', async () => {
    const { owner, realTime, read, methods } = await rig();
    expect(await read()).toMatchObject({ owner: 'a', problem: null, summary: { shard: '0' } });
    expect(methods()).toEqual(['readHead', 'get']);
    await realTime.advance(1999);
    await read();
    expect(methods()).toEqual([]);
    await realTime.advance(1);
    await read();
    expect(methods()).toEqual(['readHead']);
    owner.flush();
    await owner.commit();
    await realTime.advance(2000);
    expect((await read()).summary?.boundaryMs).toBe(owner.engine.boundary);
    expect(methods()).toEqual(['readHead', 'get']);
  });

  test('reads once for all who ask at the same time', async () => {
    const { read, methods } = await rig();
    await Promise.all([read(), read(), read()]);
    expect(methods()).toEqual(['readHead', 'get']);
  });

  test('tells what it knew, and the problem, when the storage fails, until it answers again', async () => {
    const { realTime, read, store } = await rig();
    const before = await read();
    store.failNext(1, { methods: ['readHead'] });
    await realTime.advance(2000);
    expect(await read()).toEqual({ ...before, problem: 'Cannot readHead : the test ordered "unavailable"' });
    await realTime.advance(2000);
    expect(await read()).toEqual(before);
  });

  test('tells what it knew, and the problem, when the storage does not answer', async () => {
    const { realTime, read, store } = await rig();
    const before = await read();
    await realTime.advance(2000);
    const open = store.hold();
    const asked = read();
    await realTime.advance(5000);
    expect(await asked).toEqual({ ...before, problem: 'its state could not be read within 5 s' });
    open();
    await realTime.advance(0);
    expect(await read()).toEqual(before);
  });

  test('tells of a summary that is damaged, and shows the one before it', async () => {
    const { owner, place, realTime, read } = await rig();
    const before = await read();
    owner.flush();
    await owner.commit();
    place.corrupt('1-2-summary', 5);
    await realTime.advance(2000);
    const after = await read();
    expect(after.summary).toEqual(before.summary);
    expect(after.problem).toContain('Cannot read 1-2-summary as it is damaged');
  });

  test('tells of a head that is damaged', async () => {
    const { place, read } = await rig();
    place.corrupt('', 100);
    expect(await read()).toMatchObject({ summary: null, problem: expect.stringContaining('damaged') as string });
  });

  test('reads again when the owner replaced the summary meanwhile', async () => {
    const { owner, place, store, read } = await rig();
    store.before = async ({ method }) => {
      if (method !== 'get') return;
      store.before = () => Promise.resolve();
      for (let round = 0; round < 3; round += 1) {
        owner.flush();
        await owner.commit();
      }
    };
    expect(place.contents().has('1-1-summary')).toBe(true);
    expect(await read()).toMatchObject({ problem: null, summary: { boundaryMs: owner.engine.boundary } });
    expect(place.contents().has('1-1-summary')).toBe(false);
  });

  test('tells of a shard without a state, and of an owner that writes no summary', async () => {
    const empty = new MemoryStateStore();
    const silent = new MemoryStateStore();
    await (await StateOwner.start(silent.open(), { owner: 'old' })).commit();
    const fleet = new Fleet({
      storeOf: (partition) => (partition === '0' ? empty : silent),
      codec: memoryCodec,
      realTime: new SteppingRealTime(),
    });
    const told = await fleet.read(['0', '1']);
    expect(told.get('0')).toEqual({ owner: null, summary: null, problem: 'it has no state yet' });
    expect(told.get('1')).toEqual({ owner: 'old', summary: null, problem: 'its owner has written no summary' });
  });
});

describe('summarizeShard()', () => {
  test('lists the newest thousand windows of matched addresses and tells how many it left out', async () => {
    const bench = new EngineBench();
    bench.index([indicator({ pattern: "[ipv4-addr:value = '198.51.0.0/16']" })], noon);
    for (let n = 0; n < 1203; n += 1)
      bench.take(activity(noon + n, { address: `198.51.${Math.floor(n / 200)}.${n % 200}`, caller: `c${n}` }), noon);
    bench.take(activity(noon + 1203, { address: '192.0.2.1' }), noon);
    const { windows, leftOut, addresses } = await summaryOf(bench.engine, { nowMs: noon + minute });
    expect(leftOut).toBe(203);
    expect(windows.map(({ item }) => item.caller)).toEqual(Array.from({ length: 1000 }, (_, n) => `c${1202 - n}`));
    expect(addresses).toMatchObject({ pinned: 1203, candidates: 1 });
  });
});

describe('decodeFleetSummary()', () => {
  test('gives what was encoded, and refuses another form and what is no JSON', async () => {
    const summary = await summaryOf(new EngineBench().engine);
    expect(decodeFleetSummary(encodeFleetSummary(summary))).toEqual(summary);
    const other = new TextEncoder().encode('tidewatch-fleet-summary 2\n{}');
    expect(() => decodeFleetSummary(other)).toThrow(FleetSummaryError);
    const broken = new TextEncoder().encode('tidewatch-fleet-summary 1\n{');
    expect(() => decodeFleetSummary(broken)).toThrow('no JSON');
  });
});
