import { expect, test } from 'vitest';
import { intel } from '../../bench/intel.ts';

test('the bench of the index measures every figure it prints', async () => {
  const table = await intel({ isSmall: true, repetitions: 1 });
  const rows = table.split('\n').filter((line) => line.endsWith('| 1 |'));
  expect(rows).toHaveLength(30);
  for (const row of rows)
    expect(row).toMatch(/^\| [^|]+ \| \d[\d.]* \| \d[\d.]* – \d[\d.]* \| (B|MB|s|ms|ns|×) \| 1 \|$/);
});
