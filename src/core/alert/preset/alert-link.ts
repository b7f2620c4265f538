import type { AlertLinks } from '../links.ts';

/** A link as a responder is shown it. */
export interface AlertLink {
  readonly text: string;
  readonly url: string;
}

const nameMax = 80;

/**
 * The links of an alert with what they are called: ours in words, a resource by the end of its URL, still encoded, so
 * that its name can be no markup wherever it stands.
 */
export function shownLinks({ windows, resources }: AlertLinks): readonly AlertLink[] {
  return [
    ...(windows === null ? [] : [{ text: 'Windows of this address', url: windows }]),
    ...resources.map((url) => ({ text: url.slice(url.lastIndexOf('/') + 1).slice(0, nameMax), url })),
  ];
}
