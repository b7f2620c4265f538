import { describe, expect, test } from 'vitest';
import type { Fault } from '../../../../src/dev/taxii-server/fault.ts';
import { wholeOf } from '../../../support/feed-updates.ts';
import { idsOf, sampleIndicators } from '../../../support/stix-samples.ts';
import { START_MS, TaxiiRig } from '../../../support/taxii-rig.ts';

const whole = idsOf(sampleIndicators(25));
const paged = { objects: sampleIndicators(25), server: { pageSize: 10 } };

describe('a failure in the middle of a walk', () => {
  test.each<[string, Fault]>([
    ['a lost connection', { kind: 'disconnect', on: 'objects', skip: 1, times: 1 }],
    ['a body cut short', { kind: 'truncate', on: 'objects', skip: 1, times: 1 }],
    ['half a body sent as whole', { kind: 'half-body', on: 'objects', skip: 1, times: 1 }],
    ['502', { kind: 'status', status: 502, on: 'objects', skip: 1, times: 1 }],
    ['503', { kind: 'status', status: 503, on: 'objects', skip: 1, times: 1 }],
    ['a next that expired', { kind: 'expire-next', on: 'objects', skip: 1, times: 1 }],
  ])('by %s begins the walk again from its start, and never retries a next', async (_, fault) => {
    await using rig = await TaxiiRig.start(paged);
    rig.server.faults.add(fault);
    expect(idsOf((await rig.poll()).objects)).toEqual(whole);
    const asked = rig.pageRequests().map((query) => query.has('next'));
    expect(asked).toEqual([false, true, false, true, true]);
    expect(rig.clock.sleeps).toEqual([1000]);
  });

  test('that stays ends the poll after a bounded number of walks, and the old cursor stays good', async () => {
    await using rig = await TaxiiRig.start(paged);
    const { cursor } = await rig.poll();
    rig.server.requests.length = 0;
    rig.server.faults.add({ kind: 'disconnect', on: 'objects' });
    expect(await rig.failure(cursor)).toMatchObject({ code: 'unreachable', retryable: true });
    expect(rig.pageRequests()).toHaveLength(3);
    rig.server.faults.clear();
    expect((await rig.poll(cursor)).objects).toEqual([]);
  });

  test('makes void what the walk had given, since it may have changed under its old version', async () => {
    await using rig = await TaxiiRig.start(paged);
    rig.server.faults.add({ kind: 'disconnect', on: 'objects', skip: 1, times: 1 });
    const { pages } = await rig.feed.poll(null, new AbortController().signal);
    const given: unknown[] = [];
    for await (const { objects, again } of pages) given.push(again ? 'again' : objects.length);
    expect(given).toEqual([10, 'again', 10, 10, 5]);
  });

  test('makes void what other collections had given, and at the beginning of a walk only that one begins again', async () => {
    const collections = ['first', 'second'].map((id, at) => ({
      id,
      title: id,
      objects: sampleIndicators(25, 100 * at),
    }));
    const given = async (fault: Fault): Promise<unknown[]> => {
      await using rig = await TaxiiRig.start({
        server: { pageSize: 10, collections },
        settings: { collection: null },
      });
      rig.server.faults.add(fault);
      const seen: unknown[] = [];
      const { pages } = await rig.feed.poll(null, new AbortController().signal);
      for await (const { objects, again } of pages) seen.push(again ? 'again' : objects.length);
      return seen;
    };
    const inTheMiddle = await given({ kind: 'disconnect', on: 'objects', skip: 4, times: 1 });
    expect(inTheMiddle).toEqual([10, 10, 5, 10, 'again', 10, 10, 5, 10, 10, 5]);
    const atTheBeginning = await given({ kind: 'disconnect', on: 'objects', skip: 3, times: 2 });
    expect(atTheBeginning).toEqual([10, 10, 5, 10, 10, 5]);
  });

  test('by 429 is waited out in place, since the page was not taken', async () => {
    await using rig = await TaxiiRig.start(paged);
    const headers = { 'retry-after': '42' };
    rig.server.faults.add({ kind: 'status', status: 429, headers, on: 'objects', skip: 1, times: 2 });
    expect(idsOf((await rig.poll()).objects)).toEqual(whole);
    expect(rig.clock.sleeps).toEqual([42_000, 42_000]);
    const next = rig.pageRequests().map((query) => query.get('next'));
    expect(next[1]).toBe(next[3]);
  });

  test('by 429 with a date is waited out until that date', async () => {
    await using rig = await TaxiiRig.start(paged);
    const headers = { 'retry-after': new Date(START_MS + 90_000).toUTCString() };
    rig.server.faults.add({ kind: 'status', status: 429, headers, on: 'objects', skip: 1, times: 1 });
    expect(idsOf((await rig.poll()).objects)).toEqual(whole);
    expect(rig.clock.now()).toBe(START_MS + 90_000);
  });

  test('by 429 for longer than a walk may wait ends the poll and tells how long', async () => {
    await using rig = await TaxiiRig.start(paged);
    rig.server.faults.add({ kind: 'status', status: 429, headers: { 'retry-after': '3600' }, on: 'objects', skip: 1 });
    expect(await rig.failure()).toMatchObject({ code: 'rate_limited', retryable: true, retryAfterMs: 3_600_000 });
    expect(rig.clock.sleeps).toEqual([]);
  });
});

describe('a refusal at the beginning', () => {
  test.each<[number, Record<string, string>, object]>([
    [429, { 'retry-after': '120' }, { code: 'rate_limited', retryAfterMs: 120_000 }],
    [429, {}, { code: 'rate_limited', retryAfterMs: undefined }],
    [503, { 'retry-after': '30' }, { code: 'unreachable', retryAfterMs: 30_000 }],
    [503, { 'retry-after': new Date(START_MS + 60_000).toUTCString() }, { code: 'unreachable', retryAfterMs: 60_000 }],
  ])('with %d and %j is handed on at once, to be waited out by the caller', async (status, headers, expected) => {
    await using rig = await TaxiiRig.start();
    rig.server.faults.add({ kind: 'status', status, headers });
    expect(await rig.failure()).toMatchObject({ ...expected, retryable: true });
    expect(rig.server.requests).toHaveLength(1);
    expect(rig.clock.sleeps).toEqual([]);
  });

  test.each<[number, string, string]>([
    [400, 'invalid_answer', 'limit and matchTypes of feed rig in TI_FEEDS'],
    [401, 'unauthorized', 'mend auth of feed rig in TI_FEEDS'],
    [403, 'unauthorized', 'mend auth of feed rig in TI_FEEDS'],
    [404, 'not_found', 'url and collection of feed rig in TI_FEEDS'],
    [406, 'invalid_answer', 'does not speak TAXII 2.1'],
  ])('with %d is reported once with what mends it, and not retried', async (status, code, mend) => {
    await using rig = await TaxiiRig.start();
    rig.server.faults.add({ kind: 'status', status, on: 'objects' });
    const error = await rig.failure();
    expect(error).toMatchObject({ code, retryable: false });
    expect(error.message).toContain(`answered ${status} (A fault on request)`);
    expect(error.message).toContain(mend);
    expect(rig.pageRequests()).toHaveLength(1);
  });

  test('of the connection names the address', async () => {
    const rig = await TaxiiRig.start();
    await rig.server.stop();
    const error = await rig.failure();
    expect(error).toMatchObject({ code: 'unreachable', retryable: true });
    expect(error.message).toContain(`GET ${rig.server.discoveryUrl} failed: connect ECONNREFUSED`);
  });
});

test('an answer that does not end in time is given up', async () => {
  await using rig = await TaxiiRig.start({ limits: { requestMs: 50, restarts: 0 } });
  rig.server.faults.add({ kind: 'delay', ms: 60_000 });
  const error = await rig.failure();
  expect(error).toMatchObject({ code: 'unreachable', retryable: true });
  expect(error.message).toContain('gave no whole answer within 50 ms');
});

test('a stop ends a poll that waits for an answer', async () => {
  await using rig = await TaxiiRig.start();
  rig.server.faults.add({ kind: 'delay', ms: 60_000 });
  const stop = new AbortController();
  const poll = wholeOf(rig.feed.poll(null, stop.signal));
  stop.abort();
  await expect(poll).rejects.toMatchObject({ name: 'FeedError', code: 'unreachable', retryable: true });
});

test.each<[string, string, string]>([
  ['a login page', '<html>login</html>', 'are no JSON'],
  ['an error resource with 200', '{"title":"Sorry","http_status":"500"}', 'no TAXII envelope'],
  ['a text', '"ok"', 'no TAXII envelope'],
  ['nothing', '', 'are no JSON'],
])('%s in place of a page is an error, never an empty feed', async (_, text, expected) => {
  await using rig = await TaxiiRig.start({ objects: sampleIndicators(3) });
  rig.server.faults.add({ kind: 'body', on: 'objects', text });
  const error = await rig.failure();
  expect(error).toMatchObject({ code: 'invalid_answer', retryable: false });
  expect(error.message).toContain(expected);
});
