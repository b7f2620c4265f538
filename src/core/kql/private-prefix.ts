/** The rule's PrivateRanges: texts, not ranges. */
const prefixes = [
  ...['10.', '192.168.', '172.16.', '172.17.', '172.18.', '172.19.', '172.20.', '172.21.', '172.22.', '172.23.'],
  ...['172.24.', '172.25.', '172.26.', '172.27.', '172.28.', '172.29.', '172.30.', '172.31.', '127.', '169.254.'],
  '168.63.',
];

const atTermBoundary = new RegExp(
  `(?:^|[^A-Za-z0-9])(?:${prefixes.map((prefix) => prefix.replaceAll('.', '\\.')).join('|')})`,
);

/**
 * The rule's `has_any (PrivateRanges)`. `has_any` matches terms, not prefixes: a needle counts wherever no letter or
 * digit stands before it, so "10." is also found in the public 52.10.3.4 (MicrosoftDocs/dataexplorer-docs#1005).
 */
export function hasPrivatePrefix(text: string): boolean {
  return atTermBoundary.test(text);
}
