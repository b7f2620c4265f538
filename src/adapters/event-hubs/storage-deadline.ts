import type { RealTime } from '../../core/ports.ts';
import { patience } from './client-settings.ts';
import { DeadlineError, withDeadline } from './deadline.ts';

/** A storage that did not answer; named as the SDK names what the storage answers. */
class StorageSilence extends Error {
  override readonly name = 'RestError';
}

/**
 * The result of work on the storage, or an error when it takes too long: a request to a storage that fell silent never
 * ends by itself, since the time-out of the SDK is only told to the server.
 */
export async function storageAnswer<T>(work: Promise<T>, time: RealTime): Promise<T> {
  try {
    return await withDeadline(work, patience.storage, time, 'wait');
  } catch (error) {
    if (!(error instanceof DeadlineError)) throw error;
    throw new StorageSilence(`no answer within ${patience.storage} ms`, { cause: error });
  }
}
