/** A STIX object as a feed delivered it; nothing about it is trusted. */
export type StixObject = Readonly<Record<string, unknown>>;
