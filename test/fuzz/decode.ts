import { parseArgs } from 'node:util';
import { Worker, isMainThread, workerData } from 'node:worker_threads';
import { checkDecoding, noOutcomes } from '../support/decode-law.ts';
import { Mutator } from '../support/mutator.ts';

/**
 * Decodes mutated message bodies and stops at the first that breaks a law, with the body as base64 and the seed that
 * makes it again: `node test/fuzz/decode.ts [--inputs N] [--seed S]`. The work is done by a thread; the main one watches
 * that it moves on, for a decoder that hangs could not say so itself.
 */
interface Task {
  readonly inputs: number;
  readonly seed: number;
  /** Inputs begun, written by the thread and read by the watch. */
  readonly begun: Int32Array;
}

const blockInputs = 1000;

/** More than a decoder that keeps nothing between messages needs. */
const mostHeapBytes = 512 * 1024 * 1024;

/** One body takes a millisecond; this long means that it never ends. */
const hangMs = 60_000;

function fuzz({ inputs, seed, begun }: Task): void {
  const outcomes = noOutcomes();
  const started = performance.now();
  let bytes = 0;
  let peakBytes = 0;
  // A generator of its own for every block: a failure is made again without the blocks before it.
  for (let done = 0; done < inputs; done += blockInputs) {
    const blockSeed = seed + done / blockInputs;
    const mutator = new Mutator(blockSeed);
    for (let input = 0; input < Math.min(blockInputs, inputs - done); input++) {
      Atomics.add(begun, 0, 1);
      const body = mutator.body();
      bytes += body.length;
      try {
        checkDecoding(body, outcomes);
      } catch (error) {
        console.error(`Input ${input} of --seed ${blockSeed} breaks a law: ${Buffer.from(body).toString('base64')}`);
        throw error;
      }
    }
    peakBytes = Math.max(peakBytes, process.memoryUsage().heapUsed);
    if (peakBytes > mostHeapBytes) {
      throw new Error(`Cannot bound memory: the heap holds ${peakBytes} bytes, at most ${mostHeapBytes} are allowed`);
    }
  }
  const seconds = (performance.now() - started) / 1000;
  const counts = Object.entries(outcomes).map(([outcome, count]) => `${outcome} ${count}`);
  console.log(
    `${inputs} inputs, seed ${seed}, ${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s, ` +
      `heap at most ${(peakBytes / 2 ** 20).toFixed(0)} MiB: ${counts.join(', ')}`,
  );
}

function watch(worker: Worker, { seed, begun }: Task): void {
  let last = 0;
  const timer = setInterval(() => {
    const now = Atomics.load(begun, 0);
    if (now === last && now > 0) {
      const [block, input] = [Math.floor((now - 1) / blockInputs), (now - 1) % blockInputs];
      console.error(`Input ${input} of --seed ${seed + block} has taken longer than ${hangMs / 1000} s`);
      process.exit(1);
    }
    last = now;
  }, hangMs);
  worker.on('error', (error) => {
    console.error(error);
    process.exitCode = 1;
  });
  worker.on('exit', () => clearInterval(timer));
}

function taskOfArguments(): Task {
  const { values } = parseArgs({
    options: { inputs: { type: 'string', default: '1000000' }, seed: { type: 'string' } },
  });
  const inputs = Number(values.inputs);
  const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
  if (!Number.isSafeInteger(inputs) || inputs < 1 || !Number.isSafeInteger(seed)) {
    throw new Error(
      `Cannot fuzz with --inputs ${values.inputs} and --seed ${String(seed)}: both must be whole numbers`,
    );
  }
  return { inputs, seed, begun: new Int32Array(new SharedArrayBuffer(4)) };
}

if (isMainThread) {
  const task = taskOfArguments();
  watch(new Worker(new URL(import.meta.url), { workerData: task }), task);
} else {
  fuzz(workerData as Task);
}
