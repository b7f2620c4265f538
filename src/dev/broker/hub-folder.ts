import { mkdirSync, readFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hub, type HubOptions } from './hub.ts';
import { PartitionFile } from './partition-file.ts';
import { PartitionLog } from './partition-log.ts';

/** A hub that lives in memory. */
export function hubInMemory(options: HubOptions, now: () => number): Hub {
  const partitions = Array.from({ length: options.partitions }, (_, index) => new PartitionLog(String(index)));
  return new Hub(options, partitions, now(), now);
}

/**
 * A hub kept in `folder/<name>/`: `hub.json` with its created_at, one append file per partition. A start on the same
 * folder finds sequence numbers, offsets, times and bytes again. Throws what the file system throws.
 */
export function hubInFolder(options: HubOptions, folder: string, now: () => number): Hub {
  const home = join(folder, options.name.toLowerCase());
  mkdirSync(home, { recursive: true });
  const description = join(home, 'hub.json');
  const save = (createdMs: number): void => {
    writeFileSync(description, `${JSON.stringify({ createdMs })}\n`);
  };
  let createdMs = existsSync(description) ? readCreated(description) : null;
  if (createdMs === null) save((createdMs = now()));
  const partitions = Array.from({ length: options.partitions }, (_, index) => {
    const { journal, events, begin } = PartitionFile.open(join(home, `${index}.log`));
    return new PartitionLog(String(index), journal, events, begin);
  });
  return new Hub(options, partitions, createdMs, now, save);
}

function readCreated(path: string): number {
  const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (
    typeof content === 'object' &&
    content !== null &&
    'createdMs' in content &&
    typeof content.createdMs === 'number'
  ) {
    return content.createdMs;
  }
  throw new TypeError(`Cannot read ${path} as a hub: createdMs is missing`);
}
