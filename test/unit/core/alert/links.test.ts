import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linkMax, linksOf, resourceLinksMax } from '../../../../src/core/alert/links.ts';
import { anyText } from '../../../support/alert-arbitraries.ts';
import { usualLinks } from '../../../support/engine-builder.ts';

const subscription = '/subscriptions/00000000-0000-0000-0000-000000000001';

function pagesOf(...resources: readonly string[]): readonly string[] {
  return linksOf(usualLinks, '192.0.2.66', resources).resources;
}

test('the windows of an address are linked to where the service is reached, and nowhere when that is unknown', () => {
  expect(linksOf(usualLinks, '2001:db8::7', []).windows).toBe(
    'https://tidewatch.example.com/windows/2001%3Adb8%3A%3A7',
  );
  expect(linksOf({ ...usualLinks, serviceUrl: null }, '192.0.2.66', []).windows).toBeNull();
});

test('the first resources of a row are linked to the portal, in the capitals that the Activity log has', () => {
  const ids = Array.from({ length: 9 }, (_, at) => `${subscription.toUpperCase()}/RESOURCEGROUPS/RG-${at}`);
  expect(pagesOf('tenant', ...ids)).toEqual(
    ids.slice(0, resourceLinksMax).map((id) => `https://portal.azure.com/#resource${id}`),
  );
});

test.each([
  ['a subscription', subscription, subscription],
  ['a space', `${subscription}/a b`, `${subscription}/a%20b`],
  ['quotes', `${subscription}/"'\``, `${subscription}/%22%27%60`],
  ['a fragment and a query', `${subscription}/a#b?c=d&e`, `${subscription}/a%23b%3Fc%3Dd%26e`],
  ['line ends', `${subscription}/a\r\nHost: evil`, `${subscription}/a%0D%0AHost%3A%20evil`],
  ['Markdown', `${subscription}/x](https:evil)!*`, `${subscription}/x%5D%28https%3Aevil%29%21%2A`],
  ['a link of Slack', `${subscription}/x|y>`, `${subscription}/x%7Cy%3E`],
  ['a percent code', `${subscription}/%2e%2e`, `${subscription}/%252e%252e`],
  ['half a surrogate', `${subscription}/\ud800`, `${subscription}/%EF%BF%BD`],
])('%s in an id is encoded', (_what, id, path) => {
  expect(pagesOf(id)).toEqual([`https://portal.azure.com/#resource${path}`]);
});

test.each([
  'https://evil.example',
  '//evil.example/subscriptions/00000000-0000-0000-0000-000000000001',
  'javascript:alert(1)',
  '/subscriptions/me',
  '/providers/Microsoft.Management/managementGroups/root',
  `${subscription}/../..`,
  `${subscription}/./a`,
  `${subscription}//a`,
  `${subscription}/`,
  `x${subscription}`,
  `\n${subscription}`,
  `${subscription}evil`,
  `${subscription}/${'a'.repeat(linkMax)}`,
])('%j is no resource to link to', (id) => {
  expect(pagesOf(id)).toEqual([]);
});

test('a link is one URL of the portal or the service, whatever a record holds', () => {
  const hostile = fc.oneof(anyText, fc.string({ unit: 'binary' }));
  const resource = fc.array(hostile, { maxLength: 3 }).map((names) => [subscription, ...names].join('/'));
  fc.assert(
    fc.property(fc.oneof(hostile, fc.ipV6()), fc.array(fc.oneof(resource, hostile)), (ip, resources) => {
      const { windows, resources: pages } = linksOf(usualLinks, ip, resources);
      expect(windows).toMatch(/^https:\/\/tidewatch\.example\.com\/windows\/[\w\-.~%]*$/);
      for (const page of pages) {
        expect(page).toMatch(/^https:\/\/portal\.azure\.com\/#resource\/subscriptions(\/[\w\-.~%]+)+$/);
        const { hash } = new URL(page);
        expect(resources.map((id) => `#resource${id.toWellFormed()}`)).toContain(decodeURIComponent(hash));
      }
    }),
  );
});
