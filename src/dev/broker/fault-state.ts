import type { ServiceError } from './service-error.ts';

/** How a request node (`$cbs`, `$management`) treats requests. */
export type NodeMode =
  | { readonly kind: 'answer' }
  | { readonly kind: 'mute' }
  | { readonly kind: 'fail'; readonly status: number; readonly error: ServiceError };

/** The faults that hold until they are lifted; the AMQP face asks here before it acts. */
export class FaultState {
  cbs: NodeMode = { kind: 'answer' };
  management: NodeMode = { kind: 'answer' };
  frozen = false;
  /** Sends still to be rejected, and how; null: none. */
  rejectSends: { readonly error: ServiceError; remaining: number } | null = null;
  readonly #stalled = new Set<string>();

  stall(hub: string, partition: string): void {
    this.#stalled.add(key(hub, partition));
  }

  unstall(hub: string, partition: string): void {
    this.#stalled.delete(key(hub, partition));
  }

  isStalled(hub: string, partition: string): boolean {
    return this.#stalled.has(key(hub, partition));
  }

  /** The error for a send that shall be rejected now, or null. */
  takeRejection(): ServiceError | null {
    const rejection = this.rejectSends;
    if (rejection === null) return null;
    rejection.remaining -= 1;
    if (rejection.remaining <= 0) this.rejectSends = null;
    return rejection.error;
  }
}

function key(hub: string, partition: string): string {
  return `${hub.toLowerCase()}/${partition}`;
}
