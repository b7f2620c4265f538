import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../src/core/address.ts';
import { AllowListError } from '../../../src/core/intel/allow-list-reader.ts';
import type { AllowLists } from '../../../src/core/intel/allow-lists.ts';
import { AllowListRefresh } from '../../../src/pipeline/allow-list-refresh.ts';
import { MemoryAllowList } from '../../support/allow-list-builder.ts';
import { MemoryLog } from '../../support/memory-log.ts';
import { SteppingClock } from '../../support/stepping-clock.ts';
import { SteppingRealTime } from '../../support/stepping-real-time.ts';

const now = Date.UTC(2026, 2, 2, 12);
const refreshIntervalMs = 900_000;

function rig(...sources: MemoryAllowList[]) {
  const clock = new SteppingClock(now);
  const log = new MemoryLog();
  const swapped: AllowLists[] = [];
  const refresh = new AllowListRefresh({
    allowLists: sources,
    refreshIntervalMs,
    clock,
    realTime: new SteppingRealTime(),
    yieldTurn: () => Promise.resolve(),
    log,
    index: {
      swapAllowLists: (lists) => {
        swapped.push(lists);
        return Promise.resolve();
      },
    },
  });
  const covering = (text: string): string[] | undefined =>
    swapped
      .at(-1)
      ?.covering(parseAddress(text)!)
      .map(({ name }) => name);
  const logged = (level: string): string[] =>
    log.lines.filter((line) => line.level === level).map(({ message }) => message);
  return { clock, log, swapped, refresh, covering, logged };
}

const azure = (text = '192.0.2.0/24'): MemoryAllowList => new MemoryAllowList('azure', 'lower', { 'azure.txt': text });
const own = (): MemoryAllowList => new MemoryAllowList('own', 'drop', { 'own.txt': '192.0.2.7\n198.51.100.7' });
const broken = new AllowListError('Cannot read allow list azure from azure.txt: ENOENT');

describe('AllowListRefresh', () => {
  test('read() takes every list into use at once, in their order', async () => {
    const { refresh, swapped, covering } = rig(azure(), own());
    await refresh.read();
    expect(swapped).toHaveLength(1);
    expect(covering('192.0.2.7')).toEqual(['azure', 'own']);
    expect(refresh.status).toEqual([
      { name: 'azure', action: 'lower', entries: 1, skipped: 0, lastReadMs: now, lastError: null },
      { name: 'own', action: 'drop', entries: 2, skipped: 0, lastReadMs: now, lastError: null },
    ]);
  });

  test('without a list there is nothing to do, and nothing to wait for', async () => {
    const { refresh, swapped, clock } = rig();
    await refresh.read();
    await refresh.run(new AbortController().signal);
    expect([swapped, clock.sleeps, refresh.status]).toEqual([[], [], []]);
  });

  test('what did not change is not swapped, and what did is', async () => {
    const list = azure();
    const { refresh, swapped, covering } = rig(list, own());
    await refresh.read();
    await refresh.read();
    expect(swapped).toHaveLength(1);
    list.texts = { 'azure.txt': '203.0.113.0/24' };
    await refresh.read();
    expect(swapped).toHaveLength(2);
    expect([covering('192.0.2.1'), covering('203.0.113.9'), covering('192.0.2.7')]).toEqual([[], ['azure'], ['own']]);
  });

  test('run() reads each interval until it is told to stop', async () => {
    const list = azure();
    const { refresh, clock } = rig(list);
    const stop = new AbortController();
    const sleep = clock.sleepUntil.bind(clock);
    clock.sleepUntil = (at) => {
      if (clock.sleeps.length === 3) stop.abort();
      return sleep(at);
    };
    await refresh.run(stop.signal);
    expect(list.readings).toBe(3);
    expect(clock.sleeps).toEqual(Array.from({ length: 4 }, () => refreshIntervalMs));
  });

  test('a list that cannot be read anew stays in force, and is told once', async () => {
    const list = azure();
    const { refresh, swapped, covering, clock, logged } = rig(list, own());
    await refresh.read();
    list.texts = broken;
    clock.advance(1000);
    await refresh.read();
    await refresh.read();
    expect([swapped.length, covering('192.0.2.1')]).toEqual([1, ['azure']]);
    expect(refresh.status[0]).toMatchObject({
      entries: 1,
      lastReadMs: now,
      lastError: { message: broken.message, at: now + 1000 },
    });
    expect(logged('error')).toEqual(['Allow list cannot be read']);
    list.texts = { 'azure.txt': '192.0.2.0/24' };
    await refresh.read();
    expect(refresh.status[0]).toMatchObject({ lastReadMs: now + 1000, lastError: null });
    expect(swapped).toHaveLength(1);
  });

  test('a document that is no list any more leaves the one before in force, until it is one', async () => {
    const list = azure();
    const { refresh, covering } = rig(list);
    await refresh.read();
    list.texts = { 'azure.json': '{"type":"hostname","list":["example.com"]}' };
    await refresh.read();
    await refresh.read();
    expect(covering('192.0.2.1')).toEqual(['azure']);
    expect(refresh.status[0]!.lastError?.message).toMatch(/its type must be "cidr"/);
    list.texts = { 'azure.json': '{"type":"cidr","list":["203.0.113.9"]}' };
    await refresh.read();
    expect([covering('192.0.2.1'), covering('203.0.113.9')]).toEqual([[], ['azure']]);
  });

  test('a list that cannot be read at the start covers nothing, and keeps no other from being used', async () => {
    const list = azure();
    list.texts = broken;
    const { refresh, covering } = rig(list, own());
    await refresh.read();
    expect([covering('192.0.2.1'), covering('192.0.2.7')]).toEqual([[], ['own']]);
    expect(refresh.status[0]).toMatchObject({ entries: 0, lastReadMs: null, lastError: { message: broken.message } });
  });

  test('unusable entries are counted, and told once a content', async () => {
    const list = azure('192.0.2.1\nexample.com\n');
    const { refresh, log, logged } = rig(list);
    await refresh.read();
    await refresh.read();
    expect(refresh.status[0]).toMatchObject({ entries: 1, skipped: 1 });
    expect(logged('warn')).toEqual(['Allow list has entries that are no CIDR and no address']);
    expect(log.lines.find(({ level }) => level === 'warn')!.fields).toEqual({
      list: 'azure',
      skipped: 1,
      unusable: [{ path: 'azure.txt', place: 2, text: 'example.com' }],
    });
  });
});
