import { formatAddress } from '../../../src/core/address.ts';
import type { TakenMessage } from '../../../src/core/engine.ts';
import { originKey, type Origin, type Position } from '../../../src/core/ports.ts';
import type { AzureRecord } from '../../../src/core/record.ts';
import { shardOf } from '../../../src/core/route/shard-of.ts';
import { activity } from '../engine-bench.ts';
import { message } from '../engine-builder.ts';
import { sourceOrigins } from './source-logs.ts';

export const [left, right, other] = sourceOrigins as [Origin, Origin, Origin];
export const partitions = 3;

/** An address of each shard. */
const addresses = Array.from({ length: partitions }, (_, shard) => {
  let address = 0x1404_0000;
  while (shardOf(address, partitions) !== shard) address += 1;
  return formatAddress(address);
});

/** A message whose records go to these shards; null goes nowhere. */
export function messageTo(origin: Origin, sequenceNumber: number, shards: readonly (number | null)[]): TakenMessage {
  const records = shards.map((shard, index): AzureRecord => {
    const address = shard === null ? 'nowhere' : (addresses[shard] ?? '');
    return activity(1000 + sequenceNumber, { index, address });
  });
  const enqueuedMs = enqueuedAt(sequenceNumber);
  const offset = `offset ${sequenceNumber}`;
  return { origin: originKey(origin), sequenceNumber, offset, enqueuedMs, decoded: message(records) };
}

export function enqueuedAt(sequenceNumber: number): number {
  return 100_000 + sequenceNumber;
}

export function positionAt(sequenceNumber: number): Position {
  return { sequenceNumber, offset: `offset ${sequenceNumber}`, enqueuedMs: enqueuedAt(sequenceNumber) };
}
