import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../../src/dev/traffic/random.ts';
import { Zipf } from '../../../../src/dev/traffic/zipf.ts';

describe('Random', () => {
  it('draws the same from the same key and something else from another', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (key, other) => {
        const draws = (text: string) => new Random(text).hex(64);
        expect(draws(key)).toBe(draws(key));
        if (key !== other) expect(draws(key)).not.toBe(draws(other));
      }),
    );
  });

  it('keeps between() inside its bounds and reaches both', () => {
    const random = new Random('bounds');
    const seen = new Set(Array.from({ length: 500 }, () => random.between(3, 7)));
    expect([...seen].sort()).toEqual([3, 4, 5, 6, 7]);
  });

  it('has fractions whose mean is a half', () => {
    const random = new Random('mean');
    const draws = Array.from({ length: 20_000 }, () => random.fraction());
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...draws)).toBeLessThan(1);
    expect(draws.reduce((sum, draw) => sum + draw, 0) / draws.length).toBeCloseTo(0.5, 1);
  });

  it.each([0, 0.4, 7, 250])('draws Poisson counts of mean %d', (mean) => {
    const random = new Random(`poisson/${mean}`);
    const draws = Array.from({ length: 4_000 }, () => random.poisson(mean));
    expect(draws.every((draw) => Number.isInteger(draw) && draw >= 0)).toBe(true);
    const average = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
    expect(Math.abs(average - mean)).toBeLessThanOrEqual(0.1 * Math.sqrt(mean));
  });

  it('writes version 4 UUIDs', () => {
    const random = new Random('uuid');
    const uuids = Array.from({ length: 200 }, () => random.uuid());
    for (const uuid of uuids)
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(uuids).size).toBe(200);
  });

  it('refuses to pick from nothing', () => {
    expect(() => new Random('none').pick([])).toThrow('Cannot pick from a list');
  });
});

describe('Zipf', () => {
  it('draws rank r about 1 / (r + 1)^exponent as often as rank 0', () => {
    const zipf = new Zipf(50, 1);
    const random = new Random('zipf');
    const counts = new Array<number>(50).fill(0);
    for (let draw = 0; draw < 60_000; draw++) counts[zipf.rank(random)]! += 1;
    for (const rank of [1, 3, 9]) expect(counts[0]! / counts[rank]! / (rank + 1)).toBeCloseTo(1, 0);
    expect(counts.every((count) => count > 0)).toBe(true);
  });

  it('refuses a list shorter than the distribution', () => {
    expect(() => new Zipf(1, 1).pick([], new Random('short'))).toThrow('Cannot pick rank 0');
  });
});
