/** What the server looks like in one version of TAXII. */
export interface Face {
  readonly version: '2.0' | '2.1';
  readonly discoveryPath: string;
  /** Path of the API root. */
  readonly root: string;
  readonly resourceType: string;
  readonly objectsType: string;
  /** What the API root says that it speaks. */
  readonly spoken: string;
}

export const faces: readonly Face[] = [
  {
    version: '2.1',
    discoveryPath: '/taxii2/',
    root: '/api/',
    resourceType: 'application/taxii+json;version=2.1',
    objectsType: 'application/taxii+json;version=2.1',
    spoken: 'application/taxii+json;version=2.1',
  },
  {
    version: '2.0',
    discoveryPath: '/taxii/',
    root: '/api20/',
    resourceType: 'application/vnd.oasis.taxii+json; version=2.0',
    objectsType: 'application/vnd.oasis.stix+json; version=2.0',
    spoken: 'taxii-2.0',
  },
];

/** The face that a path belongs to, with or without its last slash; undefined for any other path. */
export function faceOf(path: string, served: readonly Face['version'][]): Face | undefined {
  const slashed = path.endsWith('/') ? path : `${path}/`;
  return faces.find(
    ({ version, discoveryPath, root }) =>
      served.includes(version) && (slashed === discoveryPath || slashed.startsWith(root)),
  );
}
