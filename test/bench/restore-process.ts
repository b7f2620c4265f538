import { FileStateStore } from '../../src/adapters/file/state-store.ts';
import { newestState, takeOwnership } from '../../src/pipeline/state-owner.ts';
import { MemoryLog } from '../support/memory-log.ts';
import { codec, indexOf, MeasuredEngine } from './measured-engine.ts';

export interface RestoreReport {
  readonly readyMs: number;
  readonly readMs: number;
  readonly restoreMs: number;
  readonly indexMs: number;
  readonly peakBytes: number;
}

const [folder = '', addresses = '', held = ''] = process.argv.slice(2);
const store = new FileStateStore(folder);
const log = new MemoryLog();
const { head } = await takeOwnership(store, 'bench', codec, log);
const startedMs = performance.now();
const restored = await newestState(store, head, codec, log);
if (restored === null) throw new Error(`Cannot restore from ${folder}: ${JSON.stringify(log.lines)}`);
const readMs = performance.now();
const measured = new MeasuredEngine();
measured.engine.state.restore(restored.image);
const restoredMs = performance.now();
measured.setIndex(indexOf(Number(addresses)));
const readyMs = performance.now();
const { candidates, pinned } = measured.engine.store.sizes;
if (candidates + pinned !== Number(held))
  throw new Error(`Cannot use the figures: ${candidates + pinned} of ${held} addresses were restored`);
process.send?.({
  readyMs,
  readMs: readMs - startedMs,
  restoreMs: restoredMs - readMs,
  indexMs: readyMs - restoredMs,
  peakBytes: process.resourceUsage().maxRSS * 1024,
} satisfies RestoreReport);
process.disconnect();
