import type { JsonFields } from './json-fields.ts';

export interface BlobSinkMembers {
  readonly type: 'blob';
  /** Null for STORAGE_CONTAINER. */
  readonly container: string | null;
  readonly prefix: string;
}

/** Reads the members of a sink of type blob. Rules for names: learn.microsoft.com/rest/api/storageservices/naming. */
export function readBlobSink(fields: JsonFields): BlobSinkMembers {
  return {
    type: 'blob',
    container: fields.read<string | null>(
      'container',
      'a name of 3 to 63 lower-case letters, digits and single hyphens',
      null,
      (value) => (typeof value === 'string' && /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/.test(value) ? value : undefined),
    ),
    prefix: fields.read('prefix', 'the beginning of the names of blobs such as alerts/', 'alerts/', (value) =>
      typeof value === 'string' && /^[^/\\\s][^\\\s]{0,200}$|^$/.test(value) ? value : undefined,
    ),
  };
}
