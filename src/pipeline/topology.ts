import { CorrelationError, type CorrelationHub } from '../core/correlation-sender.ts';
import { StateStoreError, type StateStore } from '../core/ports.ts';

const name = 'topology';
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The shards of a state were made over another correlation hub than the one that is there now. */
export class TopologyError extends Error {
  override readonly name = 'TopologyError';
}

/** What decides which shard an address belongs to. Two hubs that differ here share no shard. */
function topologyOf({ namespace, hub, incarnation, partitions }: CorrelationHub): string {
  return JSON.stringify({ namespace, hub, incarnation, partitions: partitions.length });
}

/**
 * Binds a state to its correlation hub, by the first process that comes: shards that were made over as many partitions
 * cannot be read with another number of them, as addresses would meet elsewhere. Throws TopologyError when the hub is
 * another than the state was made with, StateStoreError when the store fails.
 */
export async function bindTopology(store: StateStore, hub: CorrelationHub): Promise<void> {
  const wanted = topologyOf(hub);
  try {
    await store.put(name, encoder.encode(wanted));
  } catch (error) {
    if (!(error instanceof StateStoreError) || error.code !== 'name_taken') throw error;
    const stored = await store.get(name);
    const found = stored === null ? 'nothing' : decoder.decode(stored);
    if (found === wanted) return;
    throw new TopologyError(
      `Cannot use correlation hub ${hub.hub} as the state in STATE was made with another: it is ${wanted} and was ${found}. ` +
        'Set STATE to another prefix and CONSUMER_GROUP to another group: all shards then begin anew and the last LOOKBACK is read again',
    );
  }
}

/** Errors that somebody has to mend, and no retry does. */
export function isFinal(error: unknown): boolean {
  return error instanceof TopologyError || (error instanceof CorrelationError && !error.retryable);
}
