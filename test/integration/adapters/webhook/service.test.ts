import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { HttpSink } from '../../../../src/adapters/webhook/http-sink.ts';
import {
  alertmanagerTarget,
  slackTarget,
  teamsTarget,
  webhookTarget,
} from '../../../../src/adapters/webhook/targets.ts';
import { cloudEventsFormat } from '../../../../src/core/alert/format/cloudevents.ts';
import { nativeFormat } from '../../../../src/core/alert/format/alert-format.ts';
import { documentsOf, unending } from '../../../contract/alert-sink.ts';
import * as protocols from '../../../support/alert-protocols.ts';
import { AlertTarget } from '../../../support/alert-target.ts';
import { HttpSinkRig } from '../../../support/http-sink-rig.ts';
import { HurriedTime } from '../../../support/hurried-time.ts';
import { anAlert } from '../../../support/sample-alert.ts';
import { SteppingClock } from '../../../support/stepping-clock.ts';

const key = Buffer.alloc(32, 7);
const secrets = [`whsec_${key.toString('base64')}`, `whsec_${Buffer.alloc(24, 9).toString('base64')}`];

describe('a webhook sink', () => {
  test('signs each attempt with its own time, under the id of the alert', async () => {
    const headers = { authorization: 'Bearer t0ken' };
    const service = webhookTarget(cloudEventsFormat, secrets);
    await using rig = await HttpSinkRig.start(() => ({ status: 204 }), '/hook', service, { headers });
    rig.target.steps.push({ status: 503 });
    rig.emit(1);
    await rig.until(() => rig.target.taken.length > 0);
    const [first, second] = rig.target.requests;
    for (const request of [first!, second!]) {
      const timestamp = String(request.headers['webhook-timestamp']);
      const mac = createHmac('sha256', key).update(`id-1.${timestamp}.${request.body}`).digest('base64');
      expect(request.headers).toMatchObject({
        'webhook-id': 'id-1',
        authorization: 'Bearer t0ken',
        'content-type': 'application/cloudevents+json',
      });
      expect(String(request.headers['webhook-signature']).split(' ')).toEqual([
        `v1,${mac}`,
        expect.stringMatching(/^v1,/),
      ]);
    }
    expect(JSON.parse(second!.body)).toMatchObject({ id: 'id-1' });
  });

  test('connects to no internal address, by number or by name, and reaches nobody', async () => {
    await using target = await AlertTarget.start(() => ({}));
    const port = new URL(target.origin).port;
    const service = webhookTarget(nativeFormat, []);
    for (const host of ['127.0.0.1', '2130706433', '[::ffff:127.0.0.1]', 'rebound.example']) {
      const settings = {
        name: 'rig',
        url: `http://${host}:${port}/hook`,
        headers: {},
        allowPrivate: false,
        timeoutMs: 2000,
      };
      const sink = new HttpSink(settings, service, {
        clock: new SteppingClock(0),
        realTime: new HurriedTime(),
        resolve: (_host, answer) => answer(null, [{ address: '127.0.0.1', family: 4 }]),
      });
      const delivered = sink.deliver(documentsOf(['{}']), unending);
      await expect(delivered).rejects.toMatchObject({
        name: 'SinkError',
        code: 'unavailable',
        message: expect.stringMatching(/internal, which wants allowPrivate of the sink in SINKS$/) as unknown,
      });
      await sink.close();
    }
    expect(target.requests).toEqual([]);
  });

  test('connects to the very address that its name was resolved to', async () => {
    await using target = await AlertTarget.start(() => ({}));
    const { port } = new URL(target.origin);
    const settings = {
      name: 'rig',
      url: `http://localhost:${port}/`,
      headers: {},
      allowPrivate: true,
      timeoutMs: 2000,
    };
    const time = { clock: new SteppingClock(0), realTime: new HurriedTime() };
    const sink = new HttpSink(settings, webhookTarget(nativeFormat, []), time);
    await sink.deliver(documentsOf(['{}']), unending);
    await sink.close();
    expect(target.taken).toHaveLength(1);
  });

  test('reads no more of an endless answer than it needs', async () => {
    const text = 'x'.repeat(5_000_000);
    await using rig = await HttpSinkRig.start(() => ({ text }), '/', webhookTarget(nativeFormat, []));
    rig.emit(2);
    await rig.until(() => rig.outbox.waitingCount('rig') === 0);
    expect(rig.target.taken).toHaveLength(2);
  });

  test('ends a request that is under way when its delivery is cut off', async () => {
    await using rig = await HttpSinkRig.start(() => ({}), '/', webhookTarget(nativeFormat, []), {
      timeoutMs: 60_000,
    });
    rig.target.steps.push({ hangs: true });
    const ending = new AbortController();
    const delivered = rig.sink.deliver(documentsOf(['{}']), ending.signal);
    const refused = expect(delivered).rejects.toMatchObject({ name: 'SinkError', retryable: true });
    while (rig.target.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    ending.abort();
    await refused;
  });
});

test('a slack sink leaves a second between two messages', async () => {
  await using rig = await HttpSinkRig.start(protocols.slack, protocols.slackPath, slackTarget());
  rig.emit(5);
  await rig.until(() => rig.outbox.waitingCount('rig') === 0);
  expect(rig.time.nowMs()).toBeGreaterThanOrEqual(4000);
});

test.each([
  ['429', 'rate_limited'],
  ['413', 'too_large'],
  ['502', 'unavailable'],
])('a teams sink takes the error %s inside an answer of 200 for what it is', async (status, code) => {
  await using rig = await HttpSinkRig.start(protocols.teams, protocols.teamsPath, teamsTarget());
  const text = `Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error ${status} with ContextId x.`;
  rig.target.steps.push({ status: 200, text });
  await expect(rig.sink.deliver(documentsOf(['{}']), unending)).rejects.toMatchObject({ code });
});

describe('an alertmanager sink', () => {
  test('is told of the open findings again and again, and of none while alerts wait', async () => {
    const service = alertmanagerTarget(60_000);
    await using rig = await HttpSinkRig.start(protocols.alertmanager, protocols.alertmanagerPath, service);
    rig.open.push(...['a', 'b'].map((findingKey) => anAlert({ findingKey })));
    await rig.until(() => rig.target.taken.length >= 3);
    for (const { body } of rig.target.taken) {
      expect(
        (JSON.parse(body) as { labels: Record<string, string> }[]).map(({ labels }) => labels['findingKey']),
      ).toEqual(['a', 'b']);
    }
    expect(rig.time.nowMs()).toBeGreaterThanOrEqual(180_000);
    expect(rig.time.nowMs()).toBeLessThan(240_000);
    rig.target.trouble = (number) => (number < 10 ? { status: 503 } : null);
    rig.emit(1);
    await rig.until(() => rig.outbox.waitingCount('rig') === 0);
    const later = rig.target.requests.slice(3).map(({ body }) => body);
    expect(later.filter((body) => !body.includes('id-1'))).toEqual([]);
  });

  test('is told again of what it did not take', async () => {
    const service = alertmanagerTarget(60_000);
    await using rig = await HttpSinkRig.start(protocols.alertmanager, protocols.alertmanagerPath, service);
    rig.open.push(anAlert());
    rig.target.steps.push({ status: 503 }, { status: 400 });
    await rig.until(() => rig.target.taken.length > 0 && rig.delivery.status.lastError === null);
    expect(rig.target.requests).toHaveLength(3);
    expect(rig.delivery.status).toMatchObject({ circuit: 'closed', lastError: null });
    expect(rig.letters.letters).toEqual([]);
  });
});
