import { crc32, deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { indexedPng } from '../../../src/dev/indexed-png.ts';

type Rgb = readonly [number, number, number];

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A picture in true colour whose rows have the filters given. */
function trueColor(rows: readonly (readonly Rgb[])[], filters: readonly number[], depth = 8): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(rows[0]!.length, 0);
  header.writeUInt32BE(rows.length, 4);
  header.set([depth, 2, 0, 0, 0], 8);
  const flat = rows.map((row) => row.flat());
  const data = flat.map((row, y) => {
    const filter = filters[y]!;
    const at = (line: number, x: number): number => (line < 0 || x < 0 ? 0 : flat[line]![x]!);
    const bytes = row.map((value, x) => {
      const [a, b, c] = [at(y, x - 3), at(y - 1, x), at(y - 1, x - 3)];
      const nearest = [a, b, c].reduce((best, each) =>
        Math.abs(a + b - c - each) < Math.abs(a + b - c - best) ? each : best,
      );
      return (value - [0, a, b, (a + b) >> 1, nearest][filter]!) & 255;
    });
    return Buffer.from([filter, ...bytes]);
  });
  const signature = Buffer.from('89504e470d0a1a0a', 'hex');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(data))),
    chunk('IEND', new Uint8Array()),
  ]);
}

/** The pixels of a picture with a palette, its rows without filters. */
function colorsOf(png: Buffer): Rgb[][] {
  const parts = new Map<string, Buffer>();
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) {
    const end = at + 8 + png.readUInt32BE(at);
    expect(png.readUInt32BE(end)).toBe(crc32(png.subarray(at + 4, end)));
    parts.set(png.toString('latin1', at + 4, at + 8), png.subarray(at + 8, end));
  }
  const [width, height] = [parts.get('IHDR')!.readUInt32BE(0), parts.get('IHDR')!.readUInt32BE(4)];
  const [palette, data] = [parts.get('PLTE')!, inflateSync(parts.get('IDAT')!)];
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (__, x): Rgb => {
      const index = data[y * (width + 1) + 1 + x]!;
      return [palette[index * 3]!, palette[index * 3 + 1]!, palette[index * 3 + 2]!];
    }),
  );
}

const byte = fc.integer({ min: 0, max: 255 });
const picture = fc.integer({ min: 1, max: 8 }).chain((width) =>
  fc.array(
    fc.record({
      colors: fc.array(fc.tuple(byte, byte, byte), { minLength: width, maxLength: width }),
      filter: fc.integer({ min: 0, max: 4 }),
    }),
    { minLength: 1, maxLength: 8 },
  ),
);

test('a picture of few colours keeps each of them, whatever filters it was written with', () => {
  fc.assert(
    fc.property(picture, (rows) => {
      const colors = rows.map((row) => row.colors);
      const png = trueColor(
        colors,
        rows.map(({ filter }) => filter),
      );
      expect(colorsOf(indexedPng(png))).toEqual(colors);
    }),
  );
});

test('a picture of many colours keeps them nearly', () => {
  const rows = Array.from({ length: 64 }, (_, y) => Array.from({ length: 64 }, (__, x): Rgb => [x * 4, y * 4, 128]));
  const found = colorsOf(
    indexedPng(
      trueColor(
        rows,
        rows.map(() => 4),
      ),
    ),
  );
  const distances = rows.flatMap((row, y) =>
    row.flatMap((color, x) => color.map((value, at) => Math.abs(value - found[y]![x]![at]!))),
  );
  expect(Math.max(...distances)).toBeLessThan(20);
});

test('a picture of another kind is refused', () => {
  expect(() => indexedPng(trueColor([[[1, 2, 3]]], [0], 16))).toThrow(/must be of 8 bits a channel in true colour/);
});
