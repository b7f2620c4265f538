import { describe, expect, test } from 'vitest';
import {
  alertmanagerTarget,
  pagerdutyTarget,
  slackTarget,
  teamsTarget,
  webhookTarget,
} from '../../../../src/adapters/webhook/targets.ts';
import { nativeFormat } from '../../../../src/core/alert/format/alert-format.ts';
import * as protocols from '../../../support/alert-protocols.ts';
import type { TargetStep } from '../../../support/alert-target.ts';
import { HttpSinkRig, START_MS } from '../../../support/http-sink-rig.ts';

type Start = (timeoutMs?: number) => Promise<HttpSinkRig>;

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const services: readonly (readonly [name: string, start: Start])[] = [
  [
    'webhook',
    (timeoutMs = 2000) =>
      HttpSinkRig.start(() => ({ status: 204 }), '/hook', webhookTarget(nativeFormat, [secret]), {
        timeoutMs,
      }),
  ],
  [
    'slack',
    (timeoutMs = 2000) => HttpSinkRig.start(protocols.slack, protocols.slackPath, slackTarget(), { timeoutMs }),
  ],
  [
    'teams',
    (timeoutMs = 2000) => HttpSinkRig.start(protocols.teams, protocols.teamsPath, teamsTarget(), { timeoutMs }),
  ],
  [
    'pagerduty',
    (timeoutMs = 2000) =>
      HttpSinkRig.start(protocols.pagerduty, protocols.pagerdutyPath, pagerdutyTarget(protocols.pagerdutyKey), {
        timeoutMs,
      }),
  ],
  [
    'alertmanager',
    (timeoutMs = 2000) =>
      HttpSinkRig.start(protocols.alertmanager, protocols.alertmanagerPath, alertmanagerTarget(60_000), { timeoutMs }),
  ],
];

/** Ids of the alerts that a service took, in their order, each once: a caller is named after its alert. */
function takenIds(rig: HttpSinkRig): string[] {
  const ids = rig.target.taken.flatMap(({ body }) => body.match(/id-\d+(?!\d)/g) ?? []);
  return [...new Set(ids)];
}

const isAll = (rig: HttpSinkRig, ids: readonly string[]) => () =>
  rig.outbox.waitingCount('rig') === 0 && takenIds(rig).length >= ids.length;

const date = new Date(START_MS + 90_000).toUTCString();
const troubles: readonly (readonly [name: string, trouble: (number: number) => TargetStep | null])[] = [
  ['refuses 1 in 3', (number) => (number % 3 === 0 ? { status: 503, text: 'busy' } : null)],
  [
    'asks to wait in seconds',
    (number) => (number % 4 === 1 ? { status: 429, headers: { 'retry-after': '30' } } : null),
  ],
  [
    'asks to wait until a date',
    (number) => (number % 4 === 1 ? { status: 429, headers: { 'retry-after': date } } : null),
  ],
  ['closes before it answers', (number) => (number % 3 === 1 ? { closes: 'before' } : null)],
  ['closes in the middle of an answer', (number) => (number % 3 === 1 ? { closes: 'inside' } : null)],
  ['redirects', (number) => (number % 3 === 1 ? { status: 308, headers: { location: '/elsewhere' } } : null)],
  ['wants another login for a while', (number) => (number < 4 ? { status: 401 + 2 * (number % 2) } : null)],
];

describe.each(services)('a %s sink', (_name, start) => {
  test.each(troubles)('brings every alert in order to a service that %s', async (_trouble, trouble) => {
    await using rig = await start();
    rig.target.trouble = trouble;
    const ids = rig.emit(12);
    await rig.until(isAll(rig, ids));
    expect(takenIds(rig)).toEqual(ids);
    expect(rig.letters.letters).toEqual([]);
    expect(rig.target.requests.map(({ path }) => path)).not.toContain('/elsewhere');
  });

  test('brings every alert in order to a service that is down for a while', async () => {
    await using rig = await start();
    await rig.target.down();
    const ids = rig.emit(5);
    await rig.until(() => rig.time.nowMs() > 3_600_000);
    expect(rig.delivery.status).toMatchObject({ circuit: 'open', waiting: 5 });
    await rig.target.up();
    await rig.until(isAll(rig, ids));
    expect(takenIds(rig)).toEqual(ids);
  });

  test('brings every alert in order to a service that does not answer in time', async () => {
    await using rig = await start(200);
    rig.target.steps.push({ hangs: true });
    const ids = rig.emit(3);
    await rig.until(isAll(rig, ids));
    expect(takenIds(rig)).toEqual(ids);
  });

  test('waits as long as a service asks, and not for an alert that it refuses for good', async () => {
    await using rig = await start();
    rig.target.steps.push({ status: 429, headers: { 'retry-after': '600' } });
    const ids = rig.emit(1);
    await rig.until(isAll(rig, ids));
    expect(rig.time.nowMs()).toBeGreaterThanOrEqual(600_000);
    rig.target.steps.push({ status: 400, text: 'no' });
    rig.emit(1);
    await rig.until(() => rig.letters.letters.length > 0);
    expect(rig.letters.letters).toMatchObject([{ partition: 'id-2', reason: 'refused' }]);
    rig.target.steps.push({ status: 413 });
    rig.emit(1);
    await rig.until(() => rig.letters.letters.length > 1);
    expect(rig.letters.letters[1]).toMatchObject({ partition: 'id-3', reason: 'too_large' });
  });

  test('sends nothing more to a service that is gone for good', async () => {
    await using rig = await start();
    rig.target.steps.push({ status: 410 });
    rig.emit(3);
    await rig.until(() => rig.delivery.status.circuit === 'disabled');
    expect(rig.outbox.waitingCount('rig')).toBe(3);
  });

  test('names the host in its errors and no secret, also when the service sends it back', async () => {
    await using rig = await start();
    rig.target.trouble = () => ({
      status: 500,
      text: `${protocols.pagerdutyKey} ${secret} ${rig.target.origin}${protocols.slackPath}`,
    });
    rig.emit(1);
    await rig.until(() => rig.delivery.status.lastError !== null);
    const told = JSON.stringify([rig.delivery.status, rig.log.lines]);
    expect(told).toContain(rig.target.origin.slice('http://'.length));
    if (_name === 'webhook') expect(told).not.toContain(secret);
    if (_name === 'pagerduty') expect(told).not.toContain(protocols.pagerdutyKey);
    if (_name === 'slack') expect(told).not.toContain('secretpart');
  });
});
