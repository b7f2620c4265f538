/** The organisation whose logs are generated. */
export interface Tenant {
  readonly id: string;
  readonly domain: string;
  /** The onmicrosoft.com domain that guests' sign-in names end in. */
  readonly initialDomain: string;
}

export interface User {
  readonly kind: 'member' | 'guest';
  readonly displayName: string;
  readonly givenName: string;
  readonly surname: string;
  /** Sign-in name in this tenant; a guest's holds `#EXT#`. */
  readonly upn: string;
  readonly mail: string;
  readonly objectId: string;
  readonly homeTenantId: string;
  readonly platform: Platform;
  readonly place: Place;
  /** Where the user works from, most frequent first. */
  readonly addresses: readonly string[];
}

export interface ServicePrincipal {
  readonly kind: 'service-principal';
  readonly name: string;
  readonly objectId: string;
  readonly appId: string;
  readonly place: Place;
  readonly addresses: readonly string[];
}

export interface ManagedIdentity {
  readonly kind: 'managed-identity';
  readonly name: string;
  readonly objectId: string;
  readonly appId: string;
  /** Path of the resource that holds the identity: the xms_mirid claim. */
  readonly resourcePath: string;
  readonly addresses: readonly string[];
}

export type Actor = User | ServicePrincipal | ManagedIdentity;

export interface Platform {
  readonly operatingSystem: string;
  readonly browser: string;
  readonly userAgent: string;
}

export interface Place {
  readonly city: string;
  readonly state: string;
  readonly country: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly autonomousSystem: number;
}

export const platforms: readonly Platform[] = [
  {
    operatingSystem: 'Windows10',
    browser: 'Edge 141.0.0',
    userAgent:
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0',
  },
  {
    operatingSystem: 'MacOs',
    browser: 'Safari 19.1',
    userAgent:
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Safari/605.1.15',
  },
  {
    operatingSystem: 'Linux',
    browser: 'Firefox 145.0',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  },
  {
    operatingSystem: 'Ios 19.0',
    browser: 'Mobile Safari',
    userAgent:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1',
  },
];

/** Autonomous system numbers are those reserved for documentation (RFC 5398). */
export const places: readonly Place[] = [
  place('Utrecht', 'Utrecht', 'NL', 52.09083, 5.12222, 64496),
  place('Hamburg', 'Hamburg', 'DE', 53.57532, 10.01534, 64497),
  place('Leeds', 'England', 'GB', 53.79648, -1.54785, 64498),
  place('Ghent', 'East Flanders', 'BE', 51.05, 3.71667, 64499),
  place('Boise', 'Idaho', 'US', 43.6135, -116.20345, 64500),
  place('Osaka', 'Osaka', 'JP', 34.69379, 135.50107, 64501),
];

function place(
  city: string,
  state: string,
  country: string,
  latitude: number,
  longitude: number,
  autonomousSystem: number,
): Place {
  return { city, state, country, latitude, longitude, autonomousSystem };
}
