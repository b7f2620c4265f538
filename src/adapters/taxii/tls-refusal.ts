import type { FeedErrorCode } from '../../core/ports.ts';
import type { TaxiiSettings } from './settings.ts';

/** TLS alerts (RFC 8446 §6.2) by which a server refuses the client's certificate, or its lack of one. */
const ours = /ALERT_(NO_CERTIFICATE|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED)$/;

/** Codes with which Node refuses the server's certificate for its issuer. */
const theirs = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Tells what a failed connection means, and how it is mended when a certificate was the reason. */
export function refusalOf(
  cause: unknown,
  { name, certificate }: Pick<TaxiiSettings, 'name' | 'certificate'>,
): { readonly code: FeedErrorCode; readonly mend: string } {
  const code = codeOf(cause);
  if (ours.test(code)) {
    const mend = certificate === null ? 'the server asks for a client certificate, set' : 'mend';
    return { code: 'unauthorized', mend: `: ${mend} auth.certificate of feed ${name} in TI_FEEDS` };
  }
  if (!theirs.has(code)) return { code: 'unreachable', mend: '' };
  return { code: 'unreachable', mend: `: where its authority is your own, set ca of feed ${name} in TI_FEEDS` };
}

/** The innermost code; "" when there is none. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const inner = codeOf(error.cause);
  return inner === '' && 'code' in error && typeof error.code === 'string' ? error.code : inner;
}
