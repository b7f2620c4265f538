/** The name under which stores keep the head; no blob may have it. */
export const headName = 'head';

const pattern = /^[a-z0-9][a-z0-9._-]{0,119}$/;

/** Whether a text may name a state blob in every store: a file name and a blob name at once, and never the head's. */
export function isBlobName(name: string): boolean {
  return pattern.test(name) && name.split('.')[0] !== headName && !name.endsWith('.draft');
}

/** Throws TypeError for a name that isBlobName() does not take. */
export function checkBlobName(name: string): void {
  if (isBlobName(name)) return;
  throw new TypeError(
    `Cannot use ${JSON.stringify(name)} as the name of a state blob: it must match ${pattern.source}, be no name of the head and not end in ".draft"`,
  );
}
