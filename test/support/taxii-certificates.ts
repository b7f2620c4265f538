import { readFileSync } from 'node:fs';

/** Path of a PEM file of an authority that only tests trust. */
export function certificatePath(name: string): string {
  return `test/support/taxii-certificates/${name}.pem`;
}

/** Its text. */
export function certificateText(name: string): string {
  return readFileSync(certificatePath(name), 'utf8');
}

export const passphrase = 't1dewatch';
