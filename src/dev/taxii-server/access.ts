import type { IncomingMessage } from 'node:http';
import type { Face } from './face.ts';
import { errorReply, type Reply } from './reply.ts';

/** Who may ask. */
export type TaxiiServerAuth =
  | { readonly type: 'none' }
  | { readonly type: 'basic'; readonly username: string; readonly password: string }
  | { readonly type: 'bearer'; readonly token: string }
  | { readonly type: 'header'; readonly name: string; readonly value: string };

/** The refusal of a request that lacks the credentials; null when it has them. */
export function refuseAccess(request: IncomingMessage, auth: TaxiiServerAuth): Reply | null {
  switch (auth.type) {
    case 'none':
      return null;
    case 'basic': {
      const wanted = `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
      return request.headers.authorization === wanted ? null : unauthorized('Basic realm="taxii"');
    }
    case 'bearer':
      return request.headers.authorization === `Bearer ${auth.token}` ? null : unauthorized('Bearer realm="taxii"');
    case 'header':
      return request.headers[auth.name.toLowerCase()] === auth.value ? null : unauthorized('Header realm="taxii"');
  }
}

/** The refusal of a request whose media types are not those of a version of TAXII (§1.6.8); null when they are. */
export function refuseMediaTypes(request: IncomingMessage, face: Face): Reply | null {
  const own = [face.resourceType, face.objectsType].map((type) => type.split(';')[0]);
  const wanted = `version=${face.version}`;
  const accepted = (request.headers.accept ?? '').split(',').some((range) => {
    const [type, ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const version = parameters.find((parameter) => parameter.startsWith('version='));
    return type === '*/*' || (own.includes(type) && (version ?? wanted) === wanted);
  });
  if (!accepted) return errorReply(406, 'The media type of the Accept header is not supported');
  const sent = (request.headers['content-type'] ?? '').toLowerCase().split(';')[0];
  if (request.method !== 'POST' || own.includes(sent)) return null;
  return errorReply(415, 'The media type of the Content-Type header is not supported');
}

function unauthorized(challenge: string): Reply {
  return errorReply(401, 'Authentication failed', { 'www-authenticate': challenge });
}
