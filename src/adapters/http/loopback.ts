import { parseAddress } from '../../core/address.ts';
import { isLoopback } from '../../core/internal-address.ts';

/** Whether a name or address of a host is that of this machine itself, whatever a resolver says. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '').toLowerCase();
  const address = parseAddress(name);
  return address === null ? name === 'localhost' : isLoopback(address);
}

/**
 * Whether a request was sent to this machine by its name. A page whose own name was made to lead here sends that name: a
 * browser lets it, and it must not change anything (DNS rebinding).
 */
export function isSentToLoopback(hostHeader: string | undefined): boolean {
  const url = `http://${hostHeader ?? ''}`;
  return URL.canParse(url) && isLoopbackHost(new URL(url).hostname);
}
