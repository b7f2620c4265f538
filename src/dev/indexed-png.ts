import { crc32, deflateSync, inflateSync } from 'node:zlib';

const signature = Buffer.from('89504e470d0a1a0a', 'hex');

interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Bytes of a pixel: red, green, blue and perhaps alpha. */
  readonly channels: number;
  readonly bytes: Buffer;
}

/**
 * Writes a PNG anew with a palette, which makes a picture of text a quarter as long. Each channel is rounded to as many
 * levels as leave at most 256 colours; alpha is left out. Throws RangeError for a PNG that is not of 8 bits a channel in
 * true colour without interlace (https://www.w3.org/TR/png-3/).
 */
export function indexedPng(png: Buffer): Buffer {
  const pixels = readPixels(png);
  for (const levels of [256, 32, 16, 8, 6]) {
    const indexed = indexedBy(pixels, levels);
    if (indexed !== null) return write(pixels, indexed.palette, indexed.rows);
  }
  throw new RangeError('Cannot write the picture with a palette as it has too many colours');
}

function readPixels(png: Buffer): Pixels {
  const parts: Buffer[] = [];
  let header = Buffer.alloc(13);
  for (let at = signature.length; at < png.length;) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + length);
    if (type === 'IHDR') header = Buffer.from(data);
    if (type === 'IDAT') parts.push(data);
    at += length + 12;
  }
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth, colorType, , , interlace] = header.subarray(8);
  const channels = colorType === 2 ? 3 : 4;
  if (depth !== 8 || (colorType !== 2 && colorType !== 6) || interlace !== 0)
    throw new RangeError('Cannot read the picture as it must be of 8 bits a channel in true colour without interlace');
  return { width, height, channels, bytes: unfiltered(inflateSync(Buffer.concat(parts)), width * channels, channels) };
}

/** Undoes the filters of the rows, each of which begins with the number of its filter. */
function unfiltered(data: Buffer, rowBytes: number, channels: number): Buffer {
  const rows = data.length / (rowBytes + 1);
  const bytes = Buffer.alloc(rows * rowBytes);
  for (let row = 0; row < rows; row += 1) {
    const filter = data[row * (rowBytes + 1)] ?? 0;
    for (let column = 0; column < rowBytes; column += 1) {
      const at = row * rowBytes + column;
      const left = column < channels ? 0 : (bytes[at - channels] ?? 0);
      const up = row === 0 ? 0 : (bytes[at - rowBytes] ?? 0);
      const corner = row === 0 || column < channels ? 0 : (bytes[at - rowBytes - channels] ?? 0);
      bytes[at] = (data[row * (rowBytes + 1) + 1 + column] ?? 0) + predicted(filter, left, up, corner);
    }
  }
  return bytes;
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const estimate = left + up - corner;
  const [a, b, c] = [left, up, corner].map((each) => Math.abs(estimate - each)) as [number, number, number];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** The palette and the rows of indexes; null when there are more than 256 colours. */
function indexedBy(
  { width, height, channels, bytes }: Pixels,
  levels: number,
): { readonly palette: Buffer; readonly rows: Buffer } | null {
  const known = new Map<number, number>();
  const rows = Buffer.alloc(height * (width + 1));
  const step = 255 / (levels - 1);
  const rounded = (at: number): number => Math.round(Math.round((bytes[at] ?? 0) / step) * step);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const at = pixel * channels;
    const color = (rounded(at) << 16) | (rounded(at + 1) << 8) | rounded(at + 2);
    const index = known.get(color) ?? known.size;
    if (index === 256) return null;
    known.set(color, index);
    rows[Math.floor(pixel / width) * (width + 1) + 1 + (pixel % width)] = index;
  }
  return {
    palette: Buffer.from([...known.keys()].flatMap((color) => [color >> 16, (color >> 8) & 255, color & 255])),
    rows,
  };
}

function write({ width, height }: Pixels, palette: Buffer, rows: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 3, 0, 0, 0], 8);
  const data = deflateSync(rows, { level: 9 });
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('PLTE', palette),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
