import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ChaosRun } from '../support/chaos/chaos-run.ts';
import { judge } from '../support/chaos/judgement.ts';
import type { Life } from '../support/chaos/lives.ts';

/** LEASE_DURATION when nobody sets it. */
const leaseMs = 15_000;

/** How long a takeover may take beside what it waits for. */
const slackMs = 2000;

describe('a second process of the service', () => {
  let run: ChaosRun;
  let active: Life;
  let standby: Life;

  beforeAll(async () => {
    run = await ChaosRun.start({ seed: 7, place: 'blob', repeats: false, log: console.log });
  }, 120_000);

  afterAll(() => run.stop());

  /** Starts a process beside the active one, and waits until it says that it stands by. */
  async function standBy(): Promise<void> {
    active = run.lives.current;
    standby = await run.lives.start();
    await standby.service.eventually('the second process to stand by', async () => {
      const [lease] = (await standby.service.health()).checks['lease:state'] ?? [];
      return lease?.observedValue === 'standby' ? true : undefined;
    });
  }

  /** When a line of the standby's log was written, with what it says; waits for it. */
  async function logged(message: string): Promise<{ readonly atMs: number; readonly fields: Record<string, unknown> }> {
    const fields = await standby.service.eventually(`the line ${message}`, () => standby.service.logged(message)[0]);
    return { atMs: new Date(fields['time'] as string | number).getTime(), fields };
  }

  test('stands by while the first is active: alive, not ready, and no fault of anybody', async () => {
    await standBy();
    const report = await standby.service.health();
    expect(report.status).not.toBe('fail');
    expect((await standby.service.get('/health/live')).status).toBe(200);
    expect((await standby.service.get('/health/ready')).status).toBe(503);
    expect(standby.service.logged('Restored', 'Active: the lease is held')).toEqual([]);
    const [lease] = (await active.service.health()).checks['lease:state'] ?? [];
    expect(lease).toMatchObject({ observedValue: 'held', status: 'pass' });
  });

  test('takes over from one that was killed within the lease, 2 s and what it takes to restore', async () => {
    const killedMs = Date.now();
    active.service.process.signal('SIGKILL');
    const [held, restored] = [await logged('Active: the lease is held'), await logged('Restored')];
    const tookMs = Number(restored.fields['tookMs']);
    console.log(
      `after SIGKILL: lease ${held.atMs - killedMs} ms, restored ${restored.atMs - killedMs} ms, restore ${tookMs} ms`,
    );
    expect(restored.atMs - killedMs).toBeLessThanOrEqual(leaseMs + slackMs + tookMs);
    await run.recovers();
  });

  test('takes over from one that was stopped within 2 s', async () => {
    await standBy();
    expect(await active.service.stop()).toBe(0);
    const stoppedMs = Date.now();
    const held = await logged('Active: the lease is held');
    console.log(`after SIGTERM: lease ${held.atMs - stoppedMs} ms after the process ended`);
    expect(held.atMs - stoppedMs).toBeLessThanOrEqual(slackMs);
    await run.recovers();
  });

  test('keeps what it took over from one that was suspended in a commit, which ends by itself when it goes on', async () => {
    await standBy();
    // The head is written, its writer is suspended before it learns so.
    run.proxy.onKill = () => active.service.process.signal('SIGSTOP');
    const armed = run.proxy.arm({ request: 'head', skip: 0, times: 1, effect: { kind: 'kill', when: 'after' } });
    const suspendedMs = Date.now();
    const held = await logged('Active: the lease is held');
    console.log(`after SIGSTOP: lease ${held.atMs - suspendedMs} ms`);
    expect(armed.hits).toBe(1);
    await run.recovers();
    const before = await run.sea.azurite.head();
    expect(before?.owner).toBe(held.fields['owner']);
    active.flushesMax = active.service.flushLines().length;
    active.service.process.signal('SIGCONT');
    expect(await active.service.process.ended()).toBeGreaterThan(0);
    expect(active.service.logged('No longer the owner of the state: ending')).toHaveLength(1);
    await run.lives.goesOn(2);
    const after = await run.sea.azurite.head();
    expect(after).toMatchObject({ owner: before?.owner, epoch: before?.epoch });
    expect(after?.current?.generation).toBeGreaterThan(before?.current?.generation ?? 0);
    expect(standby.service.process.hasEnded).toBe(false);
  });

  test('tells together with those before it exactly the expected alerts, each under one id with the same bytes', async () => {
    const { problems, rows } = judge(await run.finish());
    expect(problems).toEqual([]);
    expect(rows.told).toBeGreaterThan(0);
  });
});
