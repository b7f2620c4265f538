export type TaxiiVersion = '2.0' | '2.1';

/** What the two versions of TAXII call the same things. */
export interface TaxiiProtocol {
  readonly version: TaxiiVersion;
  /** Where discovery is when a URL has no path. */
  readonly discoveryPath: string;
  /** Media type of resources: discovery, API roots, collections. */
  readonly resourceType: string;
  /** Media type of objects. */
  readonly objectsType: string;
}

/**
 * Media types that are asked for (TAXII 2.1 §1.6.8, TAXII 2.0 §1.6.8). What comes back is not held to them: servers
 * answer as application/json, text/plain or with a charset (cti-taxii-client 95 and 101, attack-workbench-taxii-server 36).
 */
export const protocols: Readonly<Record<TaxiiVersion, TaxiiProtocol>> = {
  '2.1': {
    version: '2.1',
    discoveryPath: '/taxii2/',
    resourceType: 'application/taxii+json;version=2.1',
    objectsType: 'application/taxii+json;version=2.1',
  },
  '2.0': {
    version: '2.0',
    discoveryPath: '/taxii/',
    resourceType: 'application/vnd.oasis.taxii+json; version=2.0',
    objectsType: 'application/vnd.oasis.stix+json; version=2.0',
  },
};

/** The version that a media type belongs to; null for a type that is neither's. */
export function versionOfType(type: string | null): TaxiiVersion | null {
  const name = type?.toLowerCase() ?? '';
  if (name.includes('vnd.oasis.')) return '2.0';
  return name.includes('application/taxii+json') && !/version\s*=\s*"?2\.0/.test(name) ? '2.1' : null;
}
