import type { Address } from '../address.ts';
import type { AddressWindows } from '../window/address-windows.ts';
import { PackedWindows } from '../window/packed-windows.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/** Writes what is told of windows without unpacking them, and then their bytes, whose place is returned. */
export function writePacked(
  writer: ByteWriter,
  windows: AddressWindows,
  isPinned: boolean,
  packed: Uint8Array,
): number {
  writer.boolean(isPinned);
  writer.boolean(windows.isWide);
  writer.unsigned(windows.seen);
  writer.unsigned(windows.bytes);
  writer.unsigned(windows.identities);
  writer.unsigned(windows.callerCount);
  writer.number(windows.oldestPaneEnd);
  writer.unsigned(packed.length);
  const start = writer.length;
  writer.raw(packed);
  return start;
}

/** Reads what writePacked() wrote; the windows stay packed in the reader's bytes. */
export function readPacked(
  reader: ByteReader,
  address: Address,
  chunk: Uint8Array,
  texts: readonly string[],
): PackedWindows {
  const isPinned = reader.boolean();
  const isWide = reader.boolean();
  const seen = reader.unsigned();
  const bytes = reader.unsigned();
  const identities = reader.unsigned();
  const callerCount = reader.unsigned();
  const oldestPaneEnd = reader.number();
  const length = reader.count();
  const start = reader.position;
  reader.skip(length);
  const summary = { address, isPinned, isWide, seen, bytes, identities, callerCount, oldestPaneEnd };
  return new PackedWindows(summary, { chunk, start, texts });
}
