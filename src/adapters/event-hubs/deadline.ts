import type { RealTime } from '../../core/ports.ts';

/** Told when work of the SDK did not settle in time; named as the SDK names its own time-outs. */
export class DeadlineError extends Error {
  override readonly name = 'OperationTimeoutError';
}

/**
 * The result of the work, or DeadlineError after `ms` of true time. Some promises of the SDK never settle, as that of a
 * close whose connection drops meanwhile (azure-sdk-for-js#34731). Late results and late errors are let go.
 */
export async function withDeadline<T>(work: Promise<T>, ms: number, time: RealTime, what: string): Promise<T> {
  const abort = new AbortController();
  const late = time.delay(ms, abort.signal).then((): never => {
    throw new DeadlineError(`Cannot ${what} within ${ms} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    abort.abort();
  }
}

/** Waits for the work at most `ms`, whatever comes of it; tells whether it was done in time and without an error. */
export async function settledWithin(work: Promise<unknown>, ms: number, time: RealTime): Promise<boolean> {
  try {
    await withDeadline(work, Math.max(0, ms), time, 'wait');
    return true;
  } catch {
    return false;
  }
}
