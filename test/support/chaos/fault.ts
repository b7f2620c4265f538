import type { Moment } from './storage-proxy.ts';
import type { AskedSink } from './shore.ts';
import type { RequestKind } from './storage-request.ts';

/** Something that goes wrong, and what is waited for before the next goes wrong. */
export type Fault =
  /** SIGKILL at a step of a commit, of delivery or of keeping the lease. */
  | { readonly kind: 'kill at'; readonly request: RequestKind; readonly when: Moment; readonly skip: number }
  /** SIGKILL, and once more at a step of taking over. */
  | { readonly kind: 'kill taking over at'; readonly request: RequestKind; readonly when: Moment }
  /** SIGKILL when a sink is asked to take something, which it does. */
  | { readonly kind: 'kill at sink'; readonly sink: AskedSink }
  /** SIGKILL after a time that means nothing. */
  | { readonly kind: 'kill after'; readonly ms: number }
  /** The storage answers every request with an error: busy, credentials revoked, full. */
  | { readonly kind: 'storage answers'; readonly status: number; readonly code: string; readonly ms: number }
  /** The storage takes connections and says nothing. */
  | { readonly kind: 'storage silent'; readonly ms: number }
  /** Answers are lost after the storage did what it was asked for. */
  | { readonly kind: 'answers lost'; readonly request: RequestKind; readonly times: number }
  /** A partition stalls over a boundary, so that others run ahead of its flush; SIGKILL while they do. */
  | { readonly kind: 'killed while a partition stalls'; readonly hub: number; readonly partition: number }
  | { readonly kind: 'storage stopped'; readonly ms: number }
  | { readonly kind: 'broker killed'; readonly ms: number }
  | { readonly kind: 'broker frozen'; readonly ms: number }
  | { readonly kind: 'connections dropped'; readonly times: number }
  /** SIGKILL, and the newest state blob is half of what it was. */
  | { readonly kind: 'state truncated' }
  /** The active process is suspended until a standby took over, then goes on. */
  | { readonly kind: 'suspended' }
  /** A standby waits while the active process is killed. */
  | { readonly kind: 'killed before a standby' }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'feed changes' }
  | { readonly kind: 'feed fails'; readonly status: number; readonly times: number };

/** One line that names a fault with everything about it. */
export function describeFault({ kind, ...rest }: Fault): string {
  const details = Object.entries(rest).map(([name, value]) => `${name} ${String(value)}`);
  return [kind, ...details].join(', ');
}
