import type { StixObject } from '../../core/intel/stix-object.ts';
import type { CollectionStore } from './collection-store.ts';
import { type Fault, faultOf } from './fault.ts';
import { errorReply, type Reply } from './reply.ts';

interface Addition {
  readonly store: CollectionStore;
  readonly objects: readonly StixObject[];
  readonly requestedAt: string;
  /** How many more looks at its status it stays pending for. */
  pendingLooks: number;
  /** What is said of each of the objects when none is taken; null takes all that have an id. */
  readonly refusal: string | null;
  isComplete: boolean;
}

/** The objects that were sent, and their status resources (§4.3.1). */
export class Additions {
  readonly #additions: Addition[] = [];

  /** Takes the objects of a POST (§5.5) and answers with their status, with the faults that concern it. */
  add(store: CollectionStore, body: string, requestedAt: string, faults: readonly Fault[]): Reply {
    if (!store.canWrite) return errorReply(403, 'The collection may not be written');
    let objects: unknown;
    try {
      objects = (JSON.parse(body) as { objects?: unknown }).objects;
    } catch {
      return errorReply(400, 'The body is no JSON');
    }
    if (!Array.isArray(objects)) return errorReply(422, 'An envelope with objects is wanted');
    const addition: Addition = {
      store,
      objects: objects as StixObject[],
      requestedAt,
      pendingLooks: faultOf(faults, 'pending')?.looks ?? 0,
      refusal: faultOf(faults, 'refuse-objects')?.message ?? null,
      isComplete: false,
    };
    this.#additions.push(addition);
    return { status: 202, body: statusOf(addition, `status-${this.#additions.length}`) };
  }

  status(id: string): Reply {
    const addition = this.#additions[Number(id.replace('status-', '')) - 1];
    if (addition === undefined) return errorReply(404, 'No such status');
    addition.pendingLooks -= 1;
    return { status: 200, body: statusOf(addition, id) };
  }
}

/** The status as it is now; objects are in the collection once it is complete. */
function statusOf(addition: Addition, id: string): Record<string, unknown> {
  const { store, objects, requestedAt, pendingLooks, refusal } = addition;
  const status = { id, request_timestamp: requestedAt, total_count: objects.length };
  const entry = ({ id: of, modified }: StixObject): Record<string, unknown> => ({ id: of, version: modified });
  if (pendingLooks > 0) {
    const pendings = objects.map(entry);
    const counts = { success_count: 0, failure_count: 0, pending_count: objects.length };
    return { ...status, status: 'pending', ...counts, pendings };
  }
  const taken = refusal === null ? objects.filter((object) => typeof object['id'] === 'string') : [];
  const failures = objects
    .filter((object) => !taken.includes(object))
    .map((object) => ({ ...entry(object), message: refusal ?? 'It has no id' }));
  // Looking again must not bring back what was deleted since.
  if (!addition.isComplete) store.add(taken);
  addition.isComplete = true;
  const counts = { success_count: taken.length, failure_count: failures.length, pending_count: 0 };
  return { ...status, status: 'complete', ...counts, ...(failures.length === 0 ? {} : { failures }) };
}
