import { describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/core/engine.ts';
import { HeadConflictError } from '../../../src/core/ports.ts';
import { decodeFleetSummary } from '../../../src/pipeline/fleet-summary.ts';
import { Fleet } from '../../../src/pipeline/fleet.ts';
import { blobsOf } from '../../../src/pipeline/manifest.ts';
import { readBlob } from '../../../src/pipeline/state-owner.ts';
import { activity, minute, noon } from '../../support/engine-bench.ts';
import { memoryCodec } from '../../support/memory-codec.ts';
import { MemoryStateStore } from '../../support/memory-state-store.ts';
import { SteppingRealTime } from '../../support/stepping-real-time.ts';
import { headOf, StateOwner } from '../../support/state-rig.ts';
import { summaryBytes } from '../../support/summary-rig.ts';

const summarize = (engine: Engine): Promise<Uint8Array> => summaryBytes(engine);

/** An owner that tells the fleet of what it holds, after one commit. */
async function begun(place: MemoryStateStore, owner = 'a'): Promise<StateOwner> {
  const process = await StateOwner.start(place.open(), { owner, summarize });
  process.take(activity(noon + minute, { caller: `first of ${owner}` }));
  await process.commit();
  return process;
}

async function summaryName(place: MemoryStateStore): Promise<string | undefined> {
  return (await headOf(place)).current?.summary?.name;
}

/** Callers of the windows that another replica would show. */
async function shown(place: MemoryStateStore): Promise<string[]> {
  const fleet = new Fleet({ storeOf: () => place.open(), codec: memoryCodec, realTime: new SteppingRealTime() });
  const told = (await fleet.read(['0'])).get('0');
  return told?.summary?.windows.map(({ item }) => item.caller) ?? [];
}

describe('A commit of a shard', () => {
  test('names a summary that holds what its cut holds, and counts it among its blobs', async () => {
    const place = new MemoryStateStore();
    const process = await begun(place);
    const { current } = await headOf(place);
    const summary = decodeFleetSummary(await readBlob(place, current!.summary!, memoryCodec));
    expect(summary.windows.map(({ item }) => item.caller)).toEqual(['first of a']);
    expect(summary.alerts).toEqual(process.engine.outbox.recent(10));
    expect(summary.positions).toEqual([['hub/0', 1]]);
    expect(blobsOf(current).map(({ name }) => name)).toContain(current!.summary!.name);
  });

  test('names none where nobody else looks', async () => {
    const place = new MemoryStateStore();
    const process = await StateOwner.start(place.open());
    await process.commit();
    expect((await headOf(place)).current).not.toHaveProperty('summary');
    expect(place.contents().size).toBe(1);
  });

  test('names the last summary again until five seconds passed or a flush ran', async () => {
    const place = new MemoryStateStore();
    const process = await begun(place);
    const first = await summaryName(place);
    await process.realTime.advance(4999);
    await process.commit();
    expect(await summaryName(place)).toBe(first);
    process.flush();
    await process.commit();
    const second = await summaryName(place);
    expect(second).not.toBe(first);
    await process.realTime.advance(5000);
    await process.commit();
    expect(await summaryName(place)).not.toBe(second);
  });

  test('deletes a summary that neither state names any longer, and nothing else is left over', async () => {
    const place = new MemoryStateStore();
    const process = await begun(place);
    for (let round = 0; round < 4; round += 1) {
      process.flush();
      await process.commit();
    }
    const { current, previous } = await headOf(place);
    const named = [...blobsOf(current), ...blobsOf(previous)].map(({ name }) => name);
    expect([...place.contents().keys()].sort()).toEqual([...new Set(named)].sort());
  });

  test.each([false, true])(
    'holds with the last summary when a new one cannot be written (taken: %s)',
    async (applied) => {
      const place = new MemoryStateStore();
      const process = await begun(place);
      const first = await summaryName(place);
      process.flush();
      process.store.faultOf = ({ method, name }) =>
        method === 'put' && name.endsWith('-summary') ? { code: 'full', applied } : null;
      await process.commit();
      expect((await headOf(place)).current?.generation).toBe(2);
      expect(await summaryName(place)).toBe(first);
      process.store.faultOf = () => null;
      await process.commit();
      expect(await summaryName(place)).toBe('1-3-summary');
      await process.commit();
      expect(place.contents().has('1-2-summary')).toBe(false);
    },
  );

  test('holds when the summary cannot be made', async () => {
    const place = new MemoryStateStore();
    const process = await StateOwner.start(place.open(), { summarize: () => Promise.reject(new RangeError('no')) });
    process.take(activity(noon + minute));
    await process.commit();
    expect((await headOf(place)).current).toMatchObject({ generation: 1, summary: null });
    expect(process.deliver()).toHaveLength(1);
  });
});

describe('The summary of a shard', () => {
  test('goes with the state to the next owner, whose first commit writes its own', async () => {
    const place = new MemoryStateStore();
    await begun(place);
    const next = await StateOwner.start(place.open(), { owner: 'b', summarize });
    expect(await shown(place)).toEqual(['first of a']);
    await next.commit();
    expect(await summaryName(place)).toBe('2-2-summary');
  });

  test('of a fenced owner never shows', async () => {
    const place = new MemoryStateStore();
    const fenced = await begun(place);
    const owner = await StateOwner.start(place.open(), { owner: 'b', summarize });
    fenced.take(activity(noon + 2 * minute, { caller: 'only the fenced one saw' }));
    fenced.flush();
    await expect(fenced.commit()).rejects.toThrow(HeadConflictError);
    expect(place.contents().has('1-2-summary')).toBe(true);
    expect(await shown(place)).toEqual(['first of a']);
    await owner.commit();
    expect(await shown(place)).toEqual(['first of a']);
  });
});
