import { expect, test } from 'vitest';
import { rootCandidates } from '../../../../src/adapters/taxii/discovery.ts';

const secure = { allows: (url: URL): boolean => url.protocol === 'https:' };
const discovery = new URL('https://taxii.example:8443/taxii2/');

test.each<[string, string[]]>([
  ['https://taxii.example:8443/api/', ['https://taxii.example:8443/api/']],
  ['https://taxii.example:8443/api', ['https://taxii.example:8443/api/']],
  ['/api/v21', ['https://taxii.example:8443/api/v21/']],
  ['api/v21', ['https://taxii.example:8443/taxii2/api/v21/', 'https://taxii.example:8443/api/v21/']],
  ['http://taxii.example/api/', ['https://taxii.example:8443/api/']],
  ['https://other.example/api/', []],
  ['//other.example/api/', []],
  ['ftp://taxii.example/api/', []],
  ['https://', []],
])('an API root given as %j is looked for at %j', (text, expected) => {
  expect(rootCandidates(secure, text, discovery).map(({ href }) => href)).toEqual(expected);
});
