import { expect, test } from 'vitest';
import { Jobs } from '../../../../src/adapters/event-hubs/jobs.ts';

test('a job starts when it is due and never beside itself', async () => {
  const jobs = new Jobs();
  const ends: (() => void)[] = [];
  const starts: number[] = [];
  const tick = (now: number): void =>
    jobs.run('read', 10, now, () => {
      starts.push(now);
      return new Promise((resolve) => ends.push(resolve));
    });
  tick(0);
  tick(20);
  ends.shift()?.();
  await new Promise((resolve) => setImmediate(resolve));
  tick(21);
  ends.shift()?.();
  await new Promise((resolve) => setImmediate(resolve));
  tick(30);
  tick(31);
  expect(starts).toEqual([0, 21, 31]);
});

test('jobs of different names do not wait for each other', () => {
  const jobs = new Jobs();
  const started: string[] = [];
  for (const name of ['a', 'b']) {
    jobs.run(name, 10, 0, () => {
      started.push(name);
      return new Promise(() => undefined);
    });
  }
  expect(started).toEqual(['a', 'b']);
});
