/** What a link's address names. */
export type EntityAddress =
  | { readonly kind: 'cbs' }
  | { readonly kind: 'management' }
  | {
      readonly kind: 'producer';
      readonly hub: string;
      readonly partition: string | null;
      readonly publisher: string | null;
    }
  | { readonly kind: 'consumer'; readonly hub: string; readonly group: string; readonly partition: string };

/**
 * Reads an address: `$cbs`, `$management`, `<hub>/$management`, `<hub>`, `<hub>/Partitions/<p>`,
 * `<hub>/Publishers/<x>`, `<hub>/ConsumerGroups/<group>/Partitions/<p>`; the words in any case, also as a full address
 * (amqps://host/<hub>…). Null when it is none of these.
 */
export function parseAddress(address: string): EntityAddress | null {
  const path = address.replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/^\/+|\/+$/g, '');
  const parts = path.split('/');
  const [hub = '', second = '', third = '', fourth = '', fifth = ''] = parts;
  const word = second.toLowerCase();
  if (hub === '') return null;
  if (parts.length === 1) {
    if (hub.toLowerCase() === '$cbs') return { kind: 'cbs' };
    if (hub.toLowerCase() === '$management') return { kind: 'management' };
    return { kind: 'producer', hub, partition: null, publisher: null };
  }
  if (parts.length === 2 && word === '$management') return { kind: 'management' };
  if (parts.length === 3 && word === 'partitions') return { kind: 'producer', hub, partition: third, publisher: null };
  if (parts.length === 3 && word === 'publishers') return { kind: 'producer', hub, partition: null, publisher: third };
  if (parts.length === 5 && word === 'consumergroups' && fourth.toLowerCase() === 'partitions') {
    return { kind: 'consumer', hub, group: third, partition: fifth };
  }
  return null;
}
