/** What a request to the storage is to the service: the steps of a commit, of taking over, and of reading. */
export const requestKinds = [
  'state',
  'feed',
  'head',
  'delete',
  'checkpoint',
  'ownership',
  'lease',
  'dead letter',
  'alerts',
  'read head',
  'read state',
  'list',
  'other',
] as const;

export type RequestKind = (typeof requestKinds)[number];

/** Tells requests apart by method and path; the state lies under `state/`. */
export function requestKind(method: string, url: string): RequestKind {
  const { pathname, searchParams } = new URL(url, 'http://storage');
  if (method === 'GET' && searchParams.get('comp') === 'list') return 'list';
  const [, state] = /\/state\/(.+)$/.exec(pathname) ?? [];
  if (state !== undefined) return stateRequestKind(method, state);
  if (method !== 'PUT') return 'other';
  if (pathname.includes('/checkpoint/')) return 'checkpoint';
  if (pathname.includes('/ownership/')) return 'ownership';
  if (pathname.includes('/alerts/')) return 'alerts';
  return pathname.includes('/dead-letters/') ? 'dead letter' : 'other';
}

function stateRequestKind(method: string, name: string): RequestKind {
  if (name === 'lease') return method === 'PUT' ? 'lease' : 'other';
  if (method === 'DELETE') return 'delete';
  if (name === 'head') return method === 'PUT' ? 'head' : 'read head';
  if (method !== 'PUT') return 'read state';
  return name.includes('-feed-') ? 'feed' : 'state';
}
