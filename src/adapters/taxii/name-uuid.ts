import { createHash } from 'node:crypto';

/** Namespace of the ids that Tidewatch gives to STIX objects of its own. */
const namespace = Buffer.from('6f1c2b9e0d5a4c7b8e3f92a4d6b81c07', 'hex');

/** UUIDv5 of a name in the namespace of Tidewatch (RFC 9562 section 5.5): the same for the same name for ever. */
export function nameUuid(name: string): string {
  const bytes = createHash('sha1').update(namespace).update(name, 'utf8').digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
