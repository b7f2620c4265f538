/** Where a responder goes on from an alert. */
export interface AlertLinks {
  /** What the service holds of the address, GET /windows/{ip}; null while PUBLIC_URL is not set. */
  readonly windows: string | null;
  /** Pages of the Azure portal, of the first AffectedResources of the row that have one. */
  readonly resources: readonly string[];
}

/** Beginnings of links: http or https URLs that end neither in a slash nor in a query or fragment. */
export interface LinkSettings {
  /** Where responders reach the service; null when nobody said. */
  readonly serviceUrl: string | null;
  readonly portalUrl: string;
}

/** Of an alert from before there were links. */
export const noLinks: AlertLinks = { windows: null, resources: [] };

/** Pages of the portal that an alert links to. */
export const resourceLinksMax = 5;

/** Characters of a link: six of them fit into the 28 KB of a Teams message beside the facts. */
export const linkMax = 600;

const subscriptionResource = /^\/subscriptions\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\/[^/]+)*$/i;

/**
 * The links of an alert. They are made once, when it is emitted, and are part of its document, so that every sink, the
 * API and a delivery that is repeated tell the same, whatever PUBLIC_URL is by then. Neither its id nor what counts as
 * news depends on them.
 */
export function linksOf({ serviceUrl, portalUrl }: LinkSettings, ip: string, resources: readonly string[]): AlertLinks {
  const windows = serviceUrl === null ? null : within(`${serviceUrl}/windows/${encodeSegment(ip)}`);
  const pages = resources.map((id) => portalPage(portalUrl, id)).filter((page) => page !== null);
  return { windows, resources: pages.slice(0, resourceLinksMax) };
}

/**
 * The page of a resource of a subscription in the Azure portal, `https://portal.azure.com/#resource{resourceId}`; null
 * for a text that is no id of one, or whose page would have a longer URL than is linked to.
 */
function portalPage(portalUrl: string, resourceId: string): string | null {
  if (!subscriptionResource.test(resourceId)) return null;
  const segments = resourceId.split('/');
  if (segments.includes('.') || segments.includes('..')) return null;
  return within(`${portalUrl}/#resource${segments.map(encodeSegment).join('/')}`);
}

function within(link: string): string | null {
  return link.length <= linkMax ? link : null;
}

/**
 * A segment as unreserved characters (RFC 3986 §2.3) and percent codes alone, so that nothing of a record ends the URL
 * or means anything to Markdown, HTML or a chat program around it.
 */
function encodeSegment(segment: string): string {
  return encodeURIComponent(segment.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
