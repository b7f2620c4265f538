import { rejects } from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpServer } from '../../src/adapters/http/server.ts';
import { createPrometheusMetrics } from '../../src/adapters/prometheus/registry.ts';
import { matchRateExpression } from '../../src/telemetry/definitions.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { MemoryViews } from '../support/memory-views.ts';
import { refusingChanges } from '../support/refusing-changes.ts';
import { until } from './condition.ts';
import { requirePrometheus } from './local-prometheus.ts';
import { verifyMatchRate } from './match-rate.ts';
import { ServiceProcess } from './service-process.ts';

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The registry alone behind the real API, with counts made by hand: also with wrong ones, which have to be noticed. */
async function verifyRegistry(expected: { readonly lookups: number; readonly hits: number }): Promise<number> {
  const metrics = createPrometheusMetrics();
  const views = Object.assign(new MemoryViews(), { metrics: () => metrics.text() });
  const server = createHttpServer({
    host: '127.0.0.1',
    port: 0,
    opsPort: null,
    views,
    silences: refusingChanges,
    log: new MemoryLog(),
  });
  const { url } = await server.start();
  const act = (): Promise<void> => {
    metrics.increment('tidewatch_lookups_total', { stream: 'activity', result: 'hit' }, 3);
    metrics.increment('tidewatch_lookups_total', { stream: 'sign_in', result: 'miss' }, 9);
    return Promise.resolve();
  };
  try {
    return await verifyMatchRate({ metricsUrl: `${url}/metrics`, act, expected });
  } finally {
    await server.stop();
  }
}

const knownAddress = '203.0.113.77';
const counts = { hits: 30, misses: 90 };

/** A bundle whose one indicator names the known address. */
function bundle(): object {
  const time = new Date(Date.now() - 86_400_000).toISOString();
  const indicator = {
    type: 'indicator',
    spec_version: '2.1',
    id: 'indicator--6f0d1c1e-4f0a-4c1c-9f2f-2a6c2f1f7a01',
    created: time,
    modified: time,
    valid_from: time,
    indicator_types: ['malicious-activity'],
    confidence: 95,
    pattern_type: 'stix',
    pattern: `[ipv4-addr:value = '${knownAddress}']`,
  };
  return { type: 'bundle', id: 'bundle--6f0d1c1e-4f0a-4c1c-9f2f-2a6c2f1f7a02', objects: [indicator] };
}

/** An Activity record as a diagnostic setting exports it, from the address. */
function activityRecord(address: string, index: number): object {
  const subscription = '/SUBSCRIPTIONS/11111111-1111-4111-8111-111111111111';
  return {
    time: new Date(Date.now() - 1000).toISOString(),
    resourceId: `${subscription}/RESOURCEGROUPS/RG-PAYMENTS/PROVIDERS/MICROSOFT.COMPUTE/VIRTUALMACHINES/VM${index}`,
    operationName: 'MICROSOFT.COMPUTE/VIRTUALMACHINES/WRITE',
    category: 'Administrative',
    resultType: 'Success',
    correlationId: `22222222-2222-4222-8222-${String(index).padStart(12, '0')}`,
    callerIpAddress: address,
    identity: { claims: { 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn': 'ann@contoso.com' } },
  };
}

function bodies(): string {
  const addresses = [
    ...Array.from({ length: counts.hits }, () => knownAddress),
    ...Array.from({ length: counts.misses }, (_, index) => `198.51.100.${index + 1}`),
  ];
  return addresses
    .map((address, index) => `${JSON.stringify({ records: [activityRecord(address, index)] })}\n`)
    .join('');
}

/** The service and the local stack as processes of their own, with published records. */
async function verifyService(folder: string): Promise<number> {
  writeFileSync(join(folder, 'indicators.json'), JSON.stringify(bundle()));
  const stack = new ServiceProcess(['src/dev/main.ts', 'stack', '--indicators', join(folder, 'indicators.json')], {});
  const running: ServiceProcess[] = [stack];
  try {
    const { environment } = await stack.waitFor<{ environment: Record<string, string> }>(
      (line) => 'environment' in line,
    );
    const settings = { ...environment, HTTP_PORT: '0', SINKS: `file:${join(folder, 'alerts.ndjson')}` };
    const service = new ServiceProcess(['src/main.ts', 'serve'], settings);
    running.unshift(service);
    const { url } = await service.waitFor<{ url: string }>((line) => line['msg'] === 'Listening');
    await until('readiness', async () => ((await fetch(`${url}/health/ready`)).ok ? true : undefined), 120_000);
    return await verifyMatchRate({
      metricsUrl: `${url}/metrics`,
      expected: { lookups: counts.hits + counts.misses, hits: counts.hits },
      act: async () => {
        const records = join(folder, 'records.ndjson');
        writeFileSync(records, bodies());
        const traffic = new ServiceProcess(['src/dev/main.ts', 'traffic', '--records', records], environment);
        running.unshift(traffic);
        const code = await traffic.ended();
        if (code !== 0) throw new Error(`Cannot publish: traffic ended with ${String(code)}`);
      },
    });
  } finally {
    for (const each of running) await each.stop();
  }
}

requirePrometheus();
const folder = mkdtempSync(join(tmpdir(), 'tidewatch-verify-'));
try {
  say(`Registry: promtool accepts it, the match rate is ${await verifyRegistry({ lookups: 12, hits: 3 })}`);
  await rejects(verifyRegistry({ lookups: 12, hits: 4 }), /counted other lookups/);
  say(`Service: ${matchRateExpression} is ${await verifyService(folder)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
