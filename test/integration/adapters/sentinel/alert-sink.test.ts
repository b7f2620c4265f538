import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SentinelAlertSink } from '../../../../src/adapters/sentinel/alert-sink.ts';
import type { SinkDocument } from '../../../../src/core/ports.ts';
import { unending } from '../../../contract/alert-sink.ts';
import { byFinding, deliveryRig, inOrder } from '../../../support/delivery-rig.ts';
import { IngestionServer, type IngestionFault } from '../../../support/ingestion-server.ts';
import { anAlert } from '../../../support/sample-alert.ts';
import { SteppingClock } from '../../../support/stepping-clock.ts';

let server: IngestionServer;
let sink: SentinelAlertSink;
let scopes: unknown[];

beforeEach(async () => {
  server = await IngestionServer.start();
  scopes = [];
  sink = sinkOf({});
});

afterEach(async () => {
  await sink.close();
  await server[Symbol.asyncDispose]();
});

function sinkOf({ ruleId = server.ruleId, token = 'good' as string | null }): SentinelAlertSink {
  const { endpoint, stream } = server;
  const settings = { name: 'sentinel', endpoint, ruleId, stream, audience: 'https://monitor.azure.com' };
  const getToken = (scope: unknown): Promise<{ token: string; expiresOnTimestamp: number } | null> => {
    scopes.push(scope);
    return Promise.resolve(token === null ? null : { token, expiresOnTimestamp: 0 });
  };
  return new SentinelAlertSink(settings, { getToken }, new SteppingClock(Date.UTC(2026, 2, 1, 12)));
}

function documents(...ids: readonly string[]): SinkDocument[] {
  return ids.map((id) => {
    const { findingKey, activity, emittedAt } = anAlert();
    return { id, findingKey, activity, emittedAt, text: sink.encode(anAlert({ id })) };
  });
}

describe('a Microsoft Sentinel sink', () => {
  test('posts rows with a token for Azure Monitor', async () => {
    await sink.deliver(documents('a', 'b'), unending);
    expect(server.ids).toEqual(['a', 'b']);
    expect(scopes).toEqual(['https://monitor.azure.com/.default']);
  });

  test('a delivery of nothing posts nothing', async () => {
    await sink.deliver([], unending);
    expect(scopes).toEqual([]);
  });

  test('no request is longer than 1 MB, and every row comes in order', async () => {
    const ids = Array.from({ length: 40 }, (_, at) => `id-${at}`);
    const long = documents(...ids).map((document) => ({
      ...document,
      text: JSON.stringify({ VendorOriginalId: document.id, pad: 'é'.repeat(50_000) }),
    }));
    await sink.deliver(long, unending);
    expect(server.ids).toEqual(ids);
    expect(Math.max(...server.sizes)).toBeLessThanOrEqual(1_000_000);
  });

  test('a request of as many and as long rows as the limits allow is at most 1 MB', async () => {
    const { batchMax, batchBytesMax } = sink.limits;
    const each = Math.floor(batchBytesMax / batchMax);
    const text = JSON.stringify({ pad: 'x'.repeat(each - 10) });
    await sink.deliver(
      documents(...Array.from({ length: batchMax }, (_, at) => `id-${at}`)).map((one) => ({ ...one, text })),
      unending,
    );
    expect(server.sizes).toHaveLength(1);
  });

  test.each<[IngestionFault, object]>([
    [
      { status: 401 },
      { code: 'unauthorized', message: expect.stringContaining('Monitoring Metrics Publisher') as string },
    ],
    [
      { status: 403, body: 'no role' },
      { code: 'unauthorized', message: expect.stringMatching(/403 no role$/) as string },
    ],
    [
      { status: 404 },
      { code: 'not_found', message: expect.stringContaining('check endpoint, ruleId and stream') as string },
    ],
    [
      { status: 400, body: '{"error":{"code":"InvalidStream"}}' },
      { code: 'not_found', retryable: true },
    ],
    [
      { status: 400, body: '{"error":{"code":"InvalidPayload"}}' },
      { code: 'refused', retryable: false },
    ],
    [{ status: 413 }, { code: 'too_large', retryable: false }],
    [
      { status: 429, headers: { 'retry-after': '17' } },
      { code: 'rate_limited', retryAfterMs: 17_000 },
    ],
    [
      {
        status: 429,
        headers: { 'retry-after': 'Sun, 01 Mar 2026 12:01:00 GMT', date: 'Sun, 01 Mar 2026 12:00:30 GMT' },
      },
      { code: 'rate_limited', retryAfterMs: 30_000 },
    ],
    [{ status: 429 }, { code: 'rate_limited', retryAfterMs: null }],
    [
      { status: 503, headers: { 'retry-after': '2' } },
      { code: 'unavailable', retryAfterMs: 2000 },
    ],
    [
      { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
      { code: 'unavailable', retryable: true },
    ],
    ['close-before', { code: 'unavailable', retryable: true }],
    ['close-after', { code: 'unavailable', retryable: true }],
  ])('%j is told', async (fault, expected) => {
    server.faults.push(fault);
    await expect(sink.deliver(documents('a'), unending)).rejects.toMatchObject({ name: 'SinkError', ...expected });
  });

  test('tells a rule that is not there, a token that is refused, and none', async () => {
    await expect(sinkOf({ ruleId: 'dcr-0' }).deliver(documents('a'), unending)).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(sinkOf({ token: 'bad' }).deliver(documents('a'), unending)).rejects.toMatchObject({
      code: 'unauthorized',
    });
    await expect(sinkOf({ token: null }).deliver(documents('a'), unending)).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringContaining('https://monitor.azure.com/.default') as string,
    });
  });

  test('a delivery ends when it is told to, though nothing is answered', async () => {
    server.faults.push('silent');
    await expect(sink.deliver(documents('a'), AbortSignal.timeout(50))).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('every alert arrives in order per finding at an endpoint that fails one request in three', async () => {
    const rig = deliveryRig(sink);
    const faults: IngestionFault[] = [
      'close-before',
      { status: 429, headers: { 'retry-after': '1' } },
      { status: 503 },
    ];
    for (let round = 0; round < 18; round += 1) {
      if (round % 3 === 0) server.faults.push(faults[(round / 3) % 3]!);
      rig.emit(9);
      await rig.drain();
    }
    expect(rig.failures).toHaveLength(6);
    expect(server.ids).toHaveLength(162);
    expect(byFinding(server.ids)).toEqual(inOrder(162));
  });

  test('an answer that is cut off repeats rows under their ids, in order', async () => {
    const rig = deliveryRig(sink);
    server.faults.push('close-after');
    rig.emit(9);
    await rig.drain();
    expect(server.ids).toHaveLength(18);
    expect(byFinding(server.ids)).toEqual(inOrder(9));
  });

  test('a row that the service does not take becomes a dead letter, and the others arrive once', async () => {
    const rig = deliveryRig(sink);
    server.accepts = ({ VendorOriginalId: id }) => id !== 'finding1-0004';
    rig.emit(9);
    await rig.drain();
    expect(server.ids).toHaveLength(8);
    expect(rig.letters.letters).toHaveLength(1);
  });

  test('rows that are too large only together arrive one by one', async () => {
    const rig = deliveryRig(sink);
    server.bytesMax = 5000;
    rig.emit(9);
    await rig.drain();
    expect(byFinding(server.ids)).toEqual(inOrder(9));
    expect(rig.letters.letters).toEqual([]);
  });
});
