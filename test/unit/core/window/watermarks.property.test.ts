import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Watermarks } from '../../../../src/core/window/watermarks.ts';

describe('Watermarks', () => {
  test('a watermark never goes back', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (times) => {
        const watermarks = new Watermarks();
        watermarks.expect(['a'], 0);
        let last = Number.NEGATIVE_INFINITY;
        for (const time of times) {
          watermarks.advance('a', time, 0);
          const now = watermarks.of('a')!;
          expect(now).toBeGreaterThanOrEqual(last);
          last = now;
        }
      }),
    );
  });

  test('least() is null while an expected partition has not reported', () => {
    const watermarks = new Watermarks();
    watermarks.expect(['a', 'b'], 0);
    watermarks.advance('a', 100, 0);
    expect(watermarks.least()).toBeNull();
    watermarks.advance('b', 50, 0);
    expect(watermarks.least()).toBe(50);
  });

  test('expect() keeps the watermarks of partitions that stay and forgets the others', () => {
    const watermarks = new Watermarks();
    watermarks.expect(['hub/*'], 0);
    watermarks.expect(['a', 'b'], 0);
    watermarks.advance('a', 100, 0);
    watermarks.expect(['a', 'c'], 0);
    expect([watermarks.of('a'), watermarks.of('b'), watermarks.of('c')]).toEqual([100, null, null]);
  });

  test('all() tells of restored watermarks until the partitions are named, and then of those named', () => {
    const watermarks = new Watermarks();
    watermarks.expect(['hub/*'], 0);
    watermarks.restore([
      ['a', 100],
      ['gone', 50],
    ]);
    expect([...watermarks.all()]).toEqual([
      ['a', 100],
      ['gone', 50],
    ]);
    watermarks.expect(['a', 'b'], 0);
    expect([...watermarks.all()]).toEqual([['a', 100]]);
    expect(watermarks.of('b')).toBeNull();
  });

  test('lag() waits while a lagging partition makes progress, and no longer than the wait without any', () => {
    const watermarks = new Watermarks();
    watermarks.expect(['a', 'b'], 0);
    watermarks.advance('a', 1000, 900);
    watermarks.advance('b', 400, 900);
    expect(watermarks.lag(1000, 1000, 50)).toEqual({ lagging: ['b'], waits: true });
    expect(watermarks.lag(1000, 1049, 50)).toEqual({ lagging: ['b'], waits: true });
    expect(watermarks.lag(1000, 1050, 50)).toEqual({ lagging: ['b'], waits: false });
    watermarks.advance('b', 500, 1050);
    expect(watermarks.lag(1000, 1099, 50)).toEqual({ lagging: ['b'], waits: true });
    watermarks.advance('b', 1000, 1099);
    expect(watermarks.lag(1000, 1099, 50)).toEqual({ lagging: [], waits: false });
  });

  test('forgive() blames no partition for a time in which nothing could be read, and for all other time', () => {
    const watermarks = new Watermarks();
    watermarks.expect(['a', 'b'], 0);
    watermarks.advance('a', 100, 100);
    watermarks.advance('b', 100, 990);
    watermarks.forgive(900, 1000);
    expect(watermarks.lag(500, 1049, 50)).toEqual({ lagging: ['a', 'b'], waits: true });
    expect(watermarks.lag(500, 1050, 50)).toEqual({ lagging: ['a', 'b'], waits: false });
    expect([watermarks.of('a'), watermarks.of('b')]).toEqual([100, 100]);
  });
});
