import type { TaxiiVersion } from './protocol.ts';

/** How a feed's requests prove who asks. */
export type TaxiiAuth =
  | { readonly type: 'none' }
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  | { readonly type: 'bearer'; readonly token: string }
  | { readonly type: 'header'; readonly name: string; readonly value: string };

/** A certificate that the client shows to the feed's own host, as PEM. */
export interface ClientCertificate {
  /** The client's own first, then those that lead to the authority, if any. */
  readonly certificate: string;
  readonly key: string;
  /** Of an encrypted key. */
  readonly passphrase: string | null;
}

export interface TaxiiSettings {
  readonly name: string;
  /** Discovery URL or API root URL, https; without a path it means /taxii2/. */
  readonly url: string;
  /** Id, alias or title; null takes every readable collection. */
  readonly collection: string | null;
  /** Null asks in TAXII 2.1 first, and in 2.0 where the server does not speak it. */
  readonly version: TaxiiVersion | null;
  readonly auth: TaxiiAuth;
  /** Goes with any kind of `auth`. */
  readonly certificate: ClientCertificate | null;
  /** PEM of the authorities that the host's certificate may come from; null takes those that Node trusts. */
  readonly ca: string | null;
  /** Objects asked for in one page. */
  readonly limit: number;
  /** Plain HTTP is otherwise taken between loopback addresses only. */
  readonly allowHttp: boolean;
  /** STIX types asked for with match[type]; empty asks for all, and is needed for actors and markings. */
  readonly matchTypes: readonly string[];
  /** Distance of full fetches, milliseconds: a delta never tells what a server dropped. */
  readonly resyncMs: number;
}

/**
 * Every loop and buffer of the client ends at one of these. A walk is never in memory whole, and what its reader keeps of
 * it has a bound of its own: its limits only end what does not end.
 */
export interface TaxiiLimits {
  /** Decoded bytes of one answer. */
  readonly pageBytes: number;
  readonly walkBytes: number;
  readonly walkPages: number;
  readonly walkObjects: number;
  readonly walkMs: number;
  /** From request to the last byte of the answer. */
  readonly requestMs: number;
  /** How long the status of objects that were sent may stay pending before they are sent anew, true milliseconds. */
  readonly statusMs: number;
  /** How often a walk is begun again within a poll after a failure that may pass. */
  readonly restarts: number;
  /** The longest Retry-After that is waited out in the middle of a walk. */
  readonly waitMs: number;
  /** Object versions remembered from the overlap of two polls. */
  readonly knownVersions: number;
}

export const defaultTaxiiLimits: TaxiiLimits = {
  pageBytes: 128 * 1024 ** 2,
  walkBytes: 64 * 1024 ** 3,
  walkPages: 100_000,
  walkObjects: 32_000_000,
  walkMs: 60 * 60_000,
  requestMs: 120_000,
  statusMs: 60_000,
  restarts: 2,
  waitMs: 15 * 60_000,
  knownVersions: 20_000,
};
