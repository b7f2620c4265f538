import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAllowListSource } from '../../src/adapters/allow-list-file/source.ts';
import { parseAddress } from '../../src/core/address.ts';
import type { Alert } from '../../src/core/alert/alert.ts';
import { Engine } from '../../src/core/engine.ts';
import { IndicatorCatalogue } from '../../src/core/intel/catalogue.ts';
import type { AllowAction } from '../../src/core/intel/allow-lists.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { AllowListRefresh } from '../../src/pipeline/allow-list-refresh.ts';
import { intelViews } from '../../src/pipeline/intel-views.ts';
import { Refresh } from '../../src/pipeline/refresh.ts';
import type { IntelView } from '../../src/pipeline/views.ts';
import { drain, engineOptions, excludedSet, takeAll, usualSetting } from '../support/engine-builder.ts';
import { updateOf } from '../support/feed-updates.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { activity, indicator, received, ruleAt, ruleSource } from '../support/rule-input.ts';
import { SteppingClock } from '../support/stepping-clock.ts';
import { SteppingRealTime } from '../support/stepping-real-time.ts';

const ip = '198.51.100.7';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'allow-lists-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Replaces the list as a tool would that writes beside it and renames. */
async function write(text: string): Promise<void> {
  await writeFile(join(folder, 'list.tmp'), text);
  await rename(join(folder, 'list.tmp'), join(folder, 'list.txt'));
}

/** A service's refresh, allow lists and views over an engine, with one indicator that names the caller's address. */
async function rig(action: AllowAction) {
  const shared = {
    clock: new SteppingClock(ruleAt),
    realTime: new SteppingRealTime(),
    yieldTurn: () => Promise.resolve(),
    log: new MemoryLog(),
    refreshIntervalMs: 900_000,
    minConfidence: 75,
  };
  const engine = new Engine(engineOptions(usualSetting), { firstBoundary: ruleAt + HOUR_MS, warmUntil: null });
  const catalogue = new IndicatorCatalogue(1000);
  const objects = [indicator().object];
  const feed = { name: 'feed', poll: () => Promise.resolve(updateOf({ objects, cursor: '1', full: true })) };
  const refresh = new Refresh({
    ...shared,
    feeds: [{ feed, settings: ruleSource }],
    catalogue,
    excluded: excludedSet([]),
    onFailure: () => undefined,
  });
  await refresh.join(engine);
  const path = join(folder, 'list.txt');
  const lists = new AllowListRefresh({
    ...shared,
    allowLists: [createAllowListSource({ name: 'own', path, action })],
    index: refresh,
  });
  const views = intelViews({
    ...shared,
    engine,
    catalogue,
    feeds: ['feed'],
    readiness: () => ({ ready: true, reason: 'ready' }),
  });
  await lists.read();
  await refresh.poll(feed, ruleSource, new AbortController().signal);
  takeAll(engine, [received(activity()), received(activity({ caller: 'bob@contoso.com' }))], ruleAt);
  const reread = async (): Promise<Alert[]> => {
    await lists.read();
    return drain(engine);
  };
  const flush = (): Alert[] => {
    engine.flush({ lagging: [] }, engine.boundary + 300_000);
    return drain(engine);
  };
  const explained = async (): Promise<Partial<IntelView>> => {
    const { verdict, matches, allowLists, standing } = await views.intel(parseAddress(ip)!);
    return { verdict, matches, allowLists, standing };
  };
  return { engine, lists, reread, flush, explained, emitted: () => drain(engine) };
}

const says = (alerts: readonly Alert[]): unknown[] =>
  alerts.map((alert) => [alert.activity, alert.closeReason ?? '', alert.caller, alert.severity, ...alert.allowLists]);

describe('an allow list on disk', () => {
  test('that drops closes what it covers when it is read anew, and what it no longer names is alerted at the flush', async () => {
    await write('# nothing yet\n');
    const { reread, flush, emitted, explained } = await rig('drop');
    expect(says(emitted())).toEqual([
      ['create', '', 'ann@contoso.com', 'High'],
      ['create', '', 'bob@contoso.com', 'High'],
    ]);
    await write(`${ip}/31 # the exit of the office\n`);
    expect(says(await reread())).toEqual([
      ['close', 'allow-listed', 'ann@contoso.com', 'Low', 'own'],
      ['close', 'allow-listed', 'bob@contoso.com', 'Low', 'own'],
    ]);
    expect(await explained()).toEqual({
      verdict: 'does not match: 1 indicator counts, but it lies under allow list own, where matches are dropped',
      matches: false,
      allowLists: [{ name: 'own', action: 'drop' }],
      standing: 'candidate',
    });
    expect(flush()).toEqual([]);
    await write('');
    expect(await reread()).toEqual([]);
    expect(says(flush())).toEqual([
      ['create', '', 'ann@contoso.com', 'High'],
      ['create', '', 'bob@contoso.com', 'High'],
    ]);
    expect(await explained()).toEqual({
      verdict: 'matches: 1 indicator counts, confidence 90',
      matches: true,
      allowLists: [],
      standing: 'pinned',
    });
  });

  test('that drops from the start raises nothing, and everything at once when it no longer names the address', async () => {
    await write(JSON.stringify({ name: 'Own', type: 'cidr', list: ['198.51.100.0/24'] }));
    const { reread, flush, emitted } = await rig('drop');
    expect([emitted(), flush()]).toEqual([[], []]);
    await write(JSON.stringify({ name: 'Own', type: 'cidr', list: ['198.51.100.0/30'] }));
    expect(says(await reread())).toEqual([
      ['create', '', 'ann@contoso.com', 'High'],
      ['create', '', 'bob@contoso.com', 'High'],
    ]);
  });

  test('that cannot be read anew stays in force', async () => {
    await write(ip);
    const { reread, flush, lists } = await rig('drop');
    await rm(join(folder, 'list.txt'));
    expect([await reread(), flush()]).toEqual([[], []]);
    expect(lists.status[0]!.lastError?.message).toMatch(/^Cannot read allow list own from .*ENOENT/);
  });

  test('that lowers is named in the alert and in the explanation, and its end raises the severity at the flush', async () => {
    await write(ip);
    const { reread, flush, emitted, explained } = await rig('lower');
    expect(says(emitted())).toEqual([
      ['create', '', 'ann@contoso.com', 'Low', 'own'],
      ['create', '', 'bob@contoso.com', 'Low', 'own'],
    ]);
    expect(await explained()).toEqual({
      verdict:
        'matches: 1 indicator counts, confidence 90; under allow list own, so SEVERITY_POLICY may lower the alert',
      matches: true,
      allowLists: [{ name: 'own', action: 'lower' }],
      standing: 'pinned',
    });
    await write('192.0.2.1');
    expect([await reread(), flush().length, flush()]).toEqual([[], 2, []]);
  });
});
