import { parseArgs } from 'node:util';
import { Worker, isMainThread, workerData } from 'node:worker_threads';

/** What is fuzzed: inputs that a seed makes, and a law for each. */
export interface FuzzTarget<Input extends { readonly length: number }> {
  readonly inputsOf: (seed: number) => () => Input;
  /** Throws where the law is broken. */
  readonly check: (input: Input) => void;
  /** An input as a line to make it again from. */
  readonly show: (input: Input) => string;
  /** Checks what only all inputs tell, and says what came of them. */
  readonly finish: () => string;
}

interface Task {
  readonly inputs: number;
  readonly seed: number;
  /** Inputs begun, written by the thread and read by the watch. */
  readonly begun: Int32Array;
}

const blockInputs = 1000;

/** More than a reader that keeps nothing between inputs needs. */
const mostHeapBytes = 512 * 1024 * 1024;

/** One input takes a millisecond; this long means that it never ends. */
const hangMs = 60_000;

function run<Input extends { readonly length: number }>(
  target: FuzzTarget<Input>,
  { inputs, seed, begun }: Task,
): void {
  const started = performance.now();
  let size = 0;
  let peakBytes = 0;
  // A generator of its own for every block: a failure is made again without the blocks before it.
  for (let done = 0; done < inputs; done += blockInputs) {
    const blockSeed = seed + done / blockInputs;
    const next = target.inputsOf(blockSeed);
    for (let count = 0; count < Math.min(blockInputs, inputs - done); count++) {
      Atomics.add(begun, 0, 1);
      const input = next();
      size += input.length;
      try {
        target.check(input);
      } catch (error) {
        console.error(`Input ${count} of --seed ${blockSeed} breaks a law: ${target.show(input)}`);
        throw error;
      }
    }
    peakBytes = Math.max(peakBytes, process.memoryUsage().heapUsed);
    if (peakBytes > mostHeapBytes) {
      throw new Error(`Cannot bound memory: the heap holds ${peakBytes} bytes, at most ${mostHeapBytes} are allowed`);
    }
  }
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${inputs} inputs, seed ${seed}, ${(size / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s, ` +
      `heap at most ${(peakBytes / 2 ** 20).toFixed(0)} MiB: ${target.finish()}`,
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

/**
 * Fuzzes a target as `--inputs N --seed S` say and stops at the first input that breaks its law, with the seed that makes
 * it again. The work is done by a thread that runs the same script; the main one watches that it moves on, for a reader
 * that hangs could not say so itself.
 */
export function fuzz<Input extends { readonly length: number }>(script: string, target: FuzzTarget<Input>): void {
  if (isMainThread) {
    const task = taskOfArguments();
    watch(new Worker(new URL(script), { workerData: task }), task);
  } else {
    run(target, workerData as Task);
  }
}
