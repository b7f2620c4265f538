import { FileLeaseRecord } from '../../src/adapters/file/lease-record.ts';
import { realTime } from '../../src/adapters/system/clock.ts';
import { KeptLease } from '../../src/pipeline/kept-lease.ts';
import { MemoryLog } from './memory-log.ts';

// A process that takes the lease of a folder and says "held" at each turn while it believes in it, then "lost".
// Arguments: folder, duration in milliseconds.
const [folder = '', duration = ''] = process.argv.slice(2);
const durationMs = Number(duration);
const record = new FileLeaseRecord(folder, { identifier: 'child', durationMs, realTime });
const lease = new KeptLease(record, { durationMs, realTime, log: new MemoryLog() });
const held = await lease.acquire(new AbortController().signal, () => undefined);
while (held?.lost.aborted === false) {
  process.stdout.write('held\n');
  await realTime.delay(50);
}
process.stdout.write('lost\n');
