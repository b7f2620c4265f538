import { describe, expect, test } from 'vitest';
import type { FleetHealth, ShardHealth } from '../../../src/pipeline/health-input.ts';
import type { HealthStatus } from '../../../src/pipeline/health-report.ts';
import { healthReport } from '../../../src/pipeline/health.ts';
import { Vacancies } from '../../../src/pipeline/vacancies.ts';
import { aHealthyInput, minute, nowMs, second } from '../../support/health-input.ts';

function aShard(changes: Partial<ShardHealth> = {}): ShardHealth {
  const usual = { owner: 'b', held: 'elsewhere', vacantMs: null, summaryAgeMs: minute, problem: null } as const;
  return { shard: '3', ...usual, refusal: null, ...changes };
}

function aFleet(changes: Partial<FleetHealth> = {}): FleetHealth {
  return { correlates: true, startError: null, sendErrors: [], shards: [aShard()], leaseMs: 15 * second, ...changes };
}

const vacant = { owner: 'b', held: 'nobody' } as const;
const sendError = { partition: '2', message: 'the hub is away' };

const rules: readonly (readonly [string, Partial<FleetHealth>, HealthStatus, RegExp | null])[] = [
  ['all is well', {}, 'pass', null],
  [
    'it cannot start',
    { startError: { code: 'correlation_changed', message: 'Cannot use correlation hub c', at: nowMs } },
    'fail',
    /^Cannot start: Cannot use correlation hub c$/,
  ],
  [
    'a shard that is held here is held back',
    { shards: [aShard({ held: 'here', summaryAgeMs: null, refusal: 'Cannot go on with the shard: why' })] },
    'fail',
    /^Shard 3: Cannot go on with the shard: why$/,
  ],
  [
    'nobody holds a shard for less than a lease',
    { shards: [aShard({ ...vacant, vacantMs: 15 * second })] },
    'pass',
    null,
  ],
  [
    'nobody holds a shard for longer than a lease',
    { shards: [aShard({ ...vacant, vacantMs: 16 * second })] },
    'warn',
    /^Shard 3: nobody has held it for 16 s$/,
  ],
  ['a summary is five minutes old', { shards: [aShard({ summaryAgeMs: 5 * minute })] }, 'pass', null],
  [
    'a summary is older',
    { shards: [aShard({ summaryAgeMs: 5 * minute + second })] },
    'warn',
    /^Shard 3: what it tells of itself is 301 s old$/,
  ],
  [
    'a summary cannot be read',
    { shards: [aShard({ problem: 'Cannot read 1-2-summary as it is damaged' })] },
    'warn',
    /^Shard 3: Cannot read 1-2-summary as it is damaged$/,
  ],
  [
    'a send fails for less than a minute',
    { sendErrors: [{ ...sendError, sinceMs: nowMs - minute }] },
    'warn',
    /^Correlation partition 2 has taken nothing since .*: the hub is away$/,
  ],
  [
    'a send fails for longer',
    { sendErrors: [{ ...sendError, sinceMs: nowMs - minute - 1 }] },
    'fail',
    /the hub is away/,
  ],
];

test.each(rules)('healthReport() of a replica when %s', (_name, changes, status, output) => {
  const report = healthReport(aHealthyInput({ fleet: aFleet(changes) }));
  expect(report.status).toBe(status);
  if (output === null) expect(report.output).toBeUndefined();
  else expect(report.output).toMatch(output);
});

describe('healthReport() of a replica', () => {
  test('tells why it cannot start before it knows the correlation hub', () => {
    const startError = { code: 'unauthorized', message: 'the key is wrong', at: nowMs } as const;
    const report = healthReport(aHealthyInput({ lease: null, fleet: aFleet({ startError, shards: [] }) }));
    expect(report.status).toBe('fail');
    expect(report.notes).toContain('Cannot start: the key is wrong');
  });

  test('asks nothing of indicators, flushes and windows where it only routes', () => {
    const report = healthReport(aHealthyInput({ feeds: [], flush: null, fleet: aFleet({ correlates: false }) }));
    expect(report.status).toBe('pass');
    expect(Object.keys(report.checks)).not.toContain('indicators:count');
    expect(Object.keys(report.checks)).toContain('deadLetters:count');
  });

  test('has no lease of the whole process', () => {
    expect(healthReport(aHealthyInput({ fleet: aFleet() })).checks).not.toHaveProperty('lease:state');
    expect(healthReport(aHealthyInput()).checks).toHaveProperty('lease:state');
  });
});

test('A vacancy lasts from when it was first seen until somebody holds the shard', () => {
  const vacancies = new Vacancies();
  vacancies.note(['1', '2'], 100);
  vacancies.note(['2'], 150);
  expect([vacancies.lasts('1', 200), vacancies.lasts('2', 200), vacancies.lasts('3', 200)]).toEqual([null, 100, null]);
  vacancies.note(['1', '2'], 300);
  expect(vacancies.lasts('1', 310)).toBe(10);
});
