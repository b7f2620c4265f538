/** The name under which stores keep the head; no blob may have it. */
export const headName = 'head';

/** The name under which a lease may lie beside the state; no blob may have it. */
export const leaseName = 'lease';

const pattern = /^[a-z0-9][a-z0-9._-]{0,119}$/;

/** Whether a text may name a state blob in every store: a file name and a blob name at once, and never the head's or the lease's. */
export function isBlobName(name: string): boolean {
  const [stem = ''] = name.split('.');
  return pattern.test(name) && stem !== headName && stem !== leaseName && !name.endsWith('.draft');
}

/** Throws TypeError for a name that isBlobName() does not take. */
export function checkBlobName(name: string): void {
  if (isBlobName(name)) return;
  throw new TypeError(
    `Cannot use ${JSON.stringify(name)} as the name of a state blob: it must match ${pattern.source}, be no name of the head or the lease and not end in ".draft"`,
  );
}
