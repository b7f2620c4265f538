import { expect, test } from 'vitest';
import type { AllowListStatus } from '../../../src/pipeline/allow-list-refresh.ts';
import { healthReport } from '../../../src/pipeline/health.ts';
import { aHealthyInput, minute, nowMs, testHealthRules } from '../../support/health-input.ts';

function aList(changes: Partial<AllowListStatus> = {}): AllowListStatus {
  return {
    name: 'azure',
    action: 'lower',
    entries: 9,
    skipped: 2,
    lastReadMs: nowMs - minute,
    lastError: null,
    ...changes,
  };
}

const lastError = { message: 'Cannot read allow list azure from azure.txt: ENOENT', at: nowMs };

testHealthRules([
  ['an allow list was read, some of its entries skipped', { allowLists: [aList()] }, 'pass', null],
  [
    'an allow list cannot be read anew',
    { allowLists: [aList({ name: 'own' }), aList({ lastError })] },
    'warn',
    /^Cannot read allow list azure from azure.txt: ENOENT; as it was read at 2026-03-01T11:59:00Z it stays in force$/,
  ],
  [
    'an allow list was never read',
    { allowLists: [aList({ entries: 0, lastReadMs: null, lastError })] },
    'warn',
    /ENOENT; it covers nothing until it can be read$/,
  ],
]);

test('healthReport() names each allow list with what is in force of it', () => {
  const { checks } = healthReport(aHealthyInput({ allowLists: [aList()] }));
  expect(checks['allowList:entries']).toMatchObject([
    {
      componentId: 'azure',
      status: 'pass',
      observedValue: 9,
      observedUnit: 'entries',
      details: { action: 'lower', skipped: 2, lastRead: '2026-03-01T11:59:00Z', lastError: null },
    },
  ]);
});
