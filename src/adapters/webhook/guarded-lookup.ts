import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { parseAddress } from '../../core/address.ts';
import { isInternal } from '../../core/internal-address.ts';

/** A host whose address a sink may not reach. */
export class InternalTargetError extends Error {
  override readonly name = 'InternalTargetError';
}

/** Resolves a name to all of its addresses. */
export type Resolver = (
  host: string,
  answer: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

export const systemResolver: Resolver = (host, answer) => {
  systemLookup(host, { all: true }, answer);
};

/** Throws InternalTargetError for an address that a public host never has, and for what is no address. */
export function refuseInternal(address: string): void {
  const parsed = parseAddress(address);
  if (parsed !== null && !isInternal(parsed)) return;
  throw new InternalTargetError(`its address ${address} is internal, which wants allowPrivate`);
}

/**
 * A lookup for sockets that refuses a name if any of its addresses is internal. The socket connects to the very
 * addresses that were looked at, so that a name that changes its address in between gains nothing.
 */
export function guardedLookup(resolve: Resolver): LookupFunction {
  return (host, options, answer) => {
    resolve(host, (error, addresses) => {
      try {
        if (error !== null) throw error;
        const [first] = addresses;
        if (first === undefined) throw new Error('its name has no address');
        for (const { address } of addresses) refuseInternal(address);
        if (options.all === true) answer(null, [...addresses]);
        else answer(null, first.address, first.family);
      } catch (cause) {
        answer(cause instanceof Error ? cause : new Error(String(cause)), '', 0);
      }
    });
  };
}
