import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../../src/core/address.ts';
import { decodeMessage } from '../../../../src/core/decode/message.ts';
import type { ActivityRecord, SignInRecord } from '../../../../src/core/record.ts';
import { type GeneratedMessage, maxBatchBytes, type RecordKind } from '../../../../src/dev/traffic/message.ts';
import { Traffic, type TrafficOptions } from '../../../../src/dev/traffic/traffic.ts';

const startMs = Date.UTC(2026, 2, 2, 8);
const hourMs = 3_600_000;
const options: TrafficOptions = { seed: 7, startMs, scale: 0.25 };

// An hour with the faults turned up, decoded once for the laws that only look.
const disturbed = new Traffic({
  ...options,
  faults: { duplicate: 0.05, republish: 0.05, straggler: 0.05, poison: 0.02 },
}).next(startMs, startMs + hourMs);
const decoded = disturbed.map((message) => ({ message, content: decodeMessage(message.body) }));
const records = decoded.flatMap(({ content }) => content.records);

function fingerprint(messages: readonly GeneratedMessage[]): string[] {
  return messages.map(
    (message) => `${message.hub} ${message.enqueuedMs} ${Buffer.from(message.body).toString('latin1')}`,
  );
}

function count(kinds: readonly RecordKind[], kind: RecordKind): number {
  return kinds.filter((other) => other === kind).length;
}

function signIns(): SignInRecord[] {
  return records.filter((record): record is SignInRecord => record.stream === 'sign_in');
}

function activity(): ActivityRecord[] {
  return records.filter((record) => record.stream === 'activity');
}

describe('Traffic', () => {
  it('writes the same bytes for the same options and others for another seed', () => {
    const write = (seed: number) => fingerprint(new Traffic({ ...options, seed }).next(startMs, startMs + hourMs / 2));
    expect(write(7)).toEqual(write(7));
    expect(write(8)).not.toEqual(write(7));
  });

  it('holds the same messages however the interval is cut', () => {
    const whole = fingerprint(new Traffic(options).next(startMs, startMs + hourMs / 3));
    expect(whole.length).toBeGreaterThan(100);
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: hourMs / 3 - 1 }), { maxLength: 8 }), (cuts) => {
        const traffic = new Traffic(options);
        const edges = [0, ...cuts.toSorted((a, b) => a - b), hourMs / 3].map((offset) => startMs + offset);
        const parts = edges.slice(1).flatMap((edge, index) => traffic.next(edges[index]!, edge));
        expect(fingerprint(parts)).toEqual(whole);
      }),
      { numRuns: 12 },
    );
  });

  it('gives messages in the order of enqueued times that lie in the interval', () => {
    const traffic = new Traffic(options);
    traffic.next(startMs, startMs + hourMs);
    const times = traffic.next(startMs + hourMs, startMs + 2 * hourMs).map((message) => message.enqueuedMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(startMs + hourMs);
    expect(times.at(-1)).toBeLessThan(startMs + 2 * hourMs);
  });

  it('refuses an interval that begins before the last one ended', () => {
    const traffic = new Traffic(options);
    traffic.next(startMs, startMs + 1000);
    expect(() => traffic.next(startMs + 999, startMs + 2000)).toThrow(RangeError);
  });

  it('delivers scheduled messages at their enqueued times', () => {
    const traffic = new Traffic({ ...options, scale: 0 });
    const message: GeneratedMessage = { hub: 'signIn', body: Buffer.from('{}'), enqueuedMs: startMs + 5000, kinds: [] };
    traffic.schedule([message]);
    expect(traffic.next(startMs, startMs + 5000)).toEqual([]);
    expect(traffic.next(startMs + 5000, startMs + 5001)).toEqual([message]);
    expect(traffic.next(startMs + 5001, startMs + 9000)).toEqual([]);
  });

  it('scales: ten times the rate makes about ten times the records', () => {
    const size = (scale: number) =>
      new Traffic({ ...options, scale }).next(startMs, startMs + hourMs).flatMap((message) => message.kinds).length;
    const ratio = size(0.5) / size(0.05);
    expect(ratio).toBeGreaterThan(8);
    expect(ratio).toBeLessThan(12);
  });
});

describe('generated messages', () => {
  it('decode into exactly the records they were made of', () => {
    for (const { message, content } of decoded) {
      const streams = content.records.map((record) => record.stream);
      for (const stream of [
        'activity',
        'sign_in',
        'service_principal',
        'non_interactive',
        'managed_identity',
      ] as const) {
        expect(streams.filter((other) => other === stream).length, stream).toBe(count(message.kinds, stream));
      }
      expect(content.deadLetters.length).toBe(count(message.kinds, 'unreadable'));
      expect(content.unwanted + content.unknown.length + content.noise).toBe(count(message.kinds, 'unread'));
      expect(content.total).toBe(message.kinds.length);
    }
    const all = disturbed.flatMap((message) => message.kinds);
    expect(new Set(all)).toEqual(
      new Set<RecordKind>([
        'activity',
        'sign_in',
        'service_principal',
        'non_interactive',
        'managed_identity',
        'unread',
        'unreadable',
      ]),
    );
  });

  it('stay within 256 KB, hold no line feed, and are not enqueued before their records', () => {
    for (const { message, content } of decoded) {
      expect(message.body.length).toBeLessThanOrEqual(maxBatchBytes);
      expect(message.body.includes(0x0a)).toBe(false);
      for (const record of content.records) expect(record.time!.ms).toBeLessThanOrEqual(message.enqueuedMs);
    }
  });

  it('batch sign-ins by the dozen and the Activity log by one to three', () => {
    const most = (hub: string) =>
      Math.max(...disturbed.filter((message) => message.hub === hub).map((message) => message.kinds.length));
    expect(most('signIn')).toBeGreaterThan(30);
    expect(most('servicePrincipal')).toBeGreaterThan(30);
    const operations = disturbed.filter((message) => message.hub === 'activity' && message.kinds[0] === 'activity');
    expect(Math.max(...operations.map((message) => message.kinds.length))).toBeLessThanOrEqual(4);
  });

  it('hold duplicates, copies of sign-ins under one id, and records out of order', () => {
    const bodies = disturbed.map((message) => Buffer.from(message.body).toString('latin1'));
    expect(new Set(bodies).size).toBeLessThan(bodies.length);
    const risks = new Map<string, Set<string>>();
    for (const record of signIns()) risks.set(record.id, (risks.get(record.id) ?? new Set()).add(record.risk));
    expect([...risks.values()].some((known) => known.size > 1)).toBe(true);
    const times = activity().map((record) => record.time!.ms);
    expect(times.filter((time, index) => index > 0 && time < times[index - 1]!).length).toBeGreaterThan(
      times.length / 10,
    );
  });
});

describe('generated records', () => {
  it('show callers of every kind: members, guests by e-mail, applications by object id, Azure services by spn, nobody', () => {
    const callers = activity().map((record) => record.caller);
    expect(callers.some((caller) => caller.endsWith('@tidalworks.example'))).toBe(true);
    expect(callers.some((caller) => /@(partner|freelance|auditors)\.example$/.test(caller))).toBe(true);
    expect(callers.some((caller) => /^[0-9a-f-]{36}$/.test(caller))).toBe(true);
    expect(callers).toContain('Microsoft.Insights/autoscaleSettings');
    expect(callers).toContain('');
    expect(callers.some((caller) => caller.includes('#EXT#'))).toBe(false);
    expect(signIns().some((record) => record.principal.includes('#EXT#@'))).toBe(true);
  });

  it('pass through all phases, successes within a factor of two of starts', () => {
    const phases = activity().map((record) => record.resultType);
    const times = (phase: string) => phases.filter((other) => other === phase).length;
    for (const phase of ['Start', 'Accept', 'Success', 'Failure']) expect(times(phase)).toBeGreaterThan(0);
    expect(times('Success')).toBeGreaterThan(times('Start') / 2);
    expect(times('Success')).toBeLessThan(times('Start') * 2);
  });

  it('come from few callers mostly', () => {
    const counts = new Map<string, number>();
    for (const record of signIns()) counts.set(record.principal, (counts.get(record.principal) ?? 0) + 1);
    const sorted = [...counts.values()].sort((a, b) => b - a);
    const total = sorted.reduce((sum, value) => sum + value, 0);
    const top = sorted.slice(0, Math.ceil(sorted.length / 10)).reduce((sum, value) => sum + value, 0);
    expect(top / total).toBeGreaterThan(0.3);
  });

  it('come from addresses nobody owns, some private, some with a port, some IPv6', () => {
    const written = records.map((record) => record.address).filter((address) => address !== '');
    for (const address of written) expect(parseAddress(address), address).not.toBeNull();
    const owned = /^(198\.18\.|10\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.|168\.63\.129\.16|\[?2001:db8:1:|\[?fde4:)/;
    expect(written.filter((address) => !owned.test(address))).toEqual([]);
    const share = (pattern: RegExp) => written.filter((address) => pattern.test(address)).length / written.length;
    const privateShare = share(/^(10\.|172\.|192\.168\.|168\.|fde4:)/);
    expect(privateShare).toBeGreaterThan(0.04);
    expect(privateShare).toBeLessThan(0.08);
    expect(share(/^(\d+\.){3}\d+:\d+$|^\[/)).toBeGreaterThan(0);
    expect(share(/^\[?2001:/)).toBeGreaterThan(0.02);
  });

  it('put a share of the callers on watched addresses when told to', () => {
    const watched = { addresses: ['203.0.113.9'], share: 0.5 };
    const messages = new Traffic({ ...options, watched }).next(startMs, startMs + hourMs);
    const seen = messages
      .flatMap((message) => decodeMessage(message.body).records)
      .filter((record) => record.stream === 'sign_in')
      .map((record) => record.address === '203.0.113.9');
    expect(seen.filter(Boolean).length / seen.length).toBeGreaterThan(0.35);
    expect(seen.filter(Boolean).length / seen.length).toBeLessThan(0.65);
  });
});
