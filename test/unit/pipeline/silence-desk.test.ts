import { describe, expect, test } from 'vitest';
import { MemoryStateStore } from '../../support/memory-state-store.ts';
import { asked, SilenceRig } from '../../support/silence-rig.ts';
import { aSilence } from '../../support/silence-builder.ts';
import { noon } from '../../support/engine-bench.ts';

const hour = 3_600_000;

/** Whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

describe('SilenceDesk', () => {
  test('answers only when the silence is committed, and the next process has it', async () => {
    const place = new MemoryStateStore();
    const rig = await SilenceRig.start(place.open());
    const { owner, desk } = rig;
    const answering = desk.create(asked);
    await owner.realTime.advance(5000);
    expect(await isSettled(answering)).toBe(false);
    expect([rig.audited, owner.engine.state.wantsCommit]).toEqual([[], true]);
    await owner.commit();
    await owner.realTime.advance(100);
    expect(await answering).toMatchObject({
      silence: { id: 'id-1', state: 'active', ...asked, until: '2026-03-02T13:00:00Z' },
    });
    const next = await SilenceRig.start(place.open(), { owner: 'b' });
    expect(next.owner.engine.silences.active(noon)).toMatchObject([{ id: 'id-1', author: 'ann', origin: 'api' }]);
    expect(rig.audited).toEqual([['info', 'create', 'ann', 'id-1']]);
  });

  test('takes a silence back that cannot be kept, and says so', async () => {
    const rig = await SilenceRig.start(new MemoryStateStore().open());
    const answering = rig.desk.create(asked);
    await rig.owner.realTime.advance(11_000);
    expect(await answering).toMatchObject({ refusal: { code: 'not_kept' } });
    expect(rig.owner.engine.silences.active(noon)).toEqual([]);
    expect(rig.owner.engine.silences.ended()).toEqual([]);
    expect(rig.audited).toEqual([]);
  });

  test('does nothing while the process does not own the state, or no longer does', async () => {
    const rig = await SilenceRig.start(new MemoryStateStore().open());
    const answering = rig.desk.create(asked);
    rig.isActive = false;
    await rig.owner.realTime.advance(100);
    expect(await answering).toMatchObject({ refusal: { code: 'not_kept' } });
    expect(await rig.desk.create(asked)).toMatchObject({ refusal: { code: 'not_active' } });
    expect(await rig.desk.end('id-1', 'bob')).toMatchObject({ refusal: { code: 'not_active' } });
    expect(rig.owner.engine.silences.active(noon)).toEqual([]);
  });

  test('ends a silence of the API when that is committed, but none of the file and none twice', async () => {
    const rig = await SilenceRig.start(new MemoryStateStore().open());
    const { engine, realTime } = rig.owner;
    engine.silences.add(aSilence(noon + hour));
    engine.silences.replaceFile([aSilence(noon + hour, { id: 'f1', origin: 'file' })]);
    const ending = rig.desk.end('s1', 'bob');
    await realTime.advance(1000);
    expect(await isSettled(ending)).toBe(false);
    await rig.owner.commit();
    await realTime.advance(100);
    expect(await ending).toMatchObject({
      silence: { id: 's1', state: 'ended', endedBy: 'bob', endedAt: '2026-03-02T12:00:00Z' },
    });
    expect(await rig.desk.end('s1', 'bob')).toMatchObject({ refusal: { code: 'not_found' } });
    expect(await rig.desk.end('f1', 'bob')).toMatchObject({ refusal: { code: 'of_file' } });
    expect(rig.audited).toEqual([['info', 'delete', 'bob', 's1']]);
  });

  test('refuses what cannot be used with every problem, and one more than SILENCES_MAX', async () => {
    const rig = await SilenceRig.start(new MemoryStateStore().open(), { setting: { bounds: { silencesMax: 1 } } });
    expect(await rig.desk.create({ ...asked, until: 'x', reason: '' })).toMatchObject({
      refusal: { code: 'invalid', problems: [{ field: 'until' }, { field: 'reason' }] },
    });
    rig.owner.engine.silences.add(aSilence(noon + hour));
    expect(await rig.desk.create(asked)).toMatchObject({ refusal: { code: 'full' } });
  });
});

describe('SilenceKeeper', () => {
  const entry = { ...asked, author: 'carl' };

  test('takes the file into use as it changes, and tells what came and went', async () => {
    const rig = await SilenceRig.start(new MemoryStateStore().open());
    const { silences } = rig.owner.engine;
    rig.file.text = JSON.stringify([entry]);
    await rig.keeper.readFile();
    await rig.keeper.readFile();
    const [first] = silences.active(noon);
    expect(first).toMatchObject({ author: 'carl', origin: 'file' });
    rig.file.text = JSON.stringify([{ ...entry, author: 'dora' }]);
    await rig.keeper.readFile();
    expect(silences.active(noon)).toMatchObject([{ author: 'dora' }]);
    expect(rig.audited).toEqual([
      ['info', 'create', 'carl', first!.id],
      ['info', 'create', 'dora', silences.active(noon)[0]!.id],
      ['info', 'delete', null, first!.id],
    ]);
    expect(rig.owner.engine.silences.hasUncut).toBe(false);
  });

  test('keeps what it read while the file cannot be used, and says why once', async () => {
    const rig = await SilenceRig.start(new MemoryStateStore().open());
    const { silences } = rig.owner.engine;
    rig.file.text = JSON.stringify([entry]);
    await rig.keeper.readFile();
    for (const text of ['[{}]', '[{}]', null, null]) {
      rig.file.text = text;
      await rig.keeper.readFile();
      expect(silences.active(noon)).toHaveLength(1);
    }
    const refused = rig.audited.slice(1);
    expect(refused).toEqual([
      [
        'info',
        'read the file',
        null,
        expect.stringMatching(/^Cannot use the silences of silences.json: \[0\]: Cannot use until/),
      ],
      ['info', 'read the file', null, 'Cannot read silences from silences.json: ENOENT'],
    ]);
    expect(rig.keeper.fileStatus?.lastError?.message).toMatch(/ENOENT/);
    rig.file.text = '[]';
    await rig.keeper.readFile();
    expect([silences.active(noon), rig.keeper.fileStatus?.lastError]).toEqual([[], null]);
  });

  test('removes what is over while it runs, tells of it once, and looks at the file', async () => {
    const rig = await SilenceRig.start(new MemoryStateStore().open());
    const { engine, realTime } = rig.owner;
    engine.silences.add(aSilence(noon + hour));
    const stopping = new AbortController();
    const running = rig.keeper.run(stopping.signal);
    await realTime.advance(2000);
    expect(rig.audited).toEqual([]);
    await rig.pass(hour);
    rig.file.text = JSON.stringify([{ ...entry, until: new Date(noon + 2 * hour).toISOString() }]);
    await realTime.advance(6000);
    expect(rig.audited).toEqual([
      ['info', 'expire', null, 's1'],
      ['info', 'create', 'carl', engine.silences.active(noon)[0]!.id],
    ]);
    expect(engine.silences.ended()).toMatchObject([{ silence: { id: 's1' }, endedBy: null }]);
    stopping.abort();
    await realTime.advance(0);
    await running;
  });

  test('leaves what is over to the process that owns the state', async () => {
    const rig = await SilenceRig.start(new MemoryStateStore().open());
    rig.owner.engine.silences.add(aSilence(noon + hour));
    rig.isActive = false;
    await rig.pass(hour);
    rig.keeper.sweep();
    expect([rig.owner.engine.silences.ended(), rig.audited]).toEqual([[], []]);
  });
});
