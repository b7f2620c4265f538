import { expect, test } from 'vitest';
import { intelLines } from '../../../src/commands/explain-report.ts';
import { anIntelView } from '../../support/memory-views.ts';

test('intelLines() names each allow list with what follows from it', () => {
  const allowLists = [
    { name: 'azure', action: 'lower' },
    { name: 'own', action: 'drop' },
  ] as const;
  expect(intelLines(anIntelView({ ip: '192.0.2.66', allowLists })).slice(2, 5)).toEqual([
    'Under allow list azure: matches are alerted with the severity that SEVERITY_POLICY gives',
    'Under allow list own: matches are dropped and counted',
    '',
  ]);
  expect(intelLines(anIntelView({ ip: '192.0.2.66' })).join('\n')).not.toContain('allow list');
});
