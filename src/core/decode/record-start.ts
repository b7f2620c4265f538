/** Keys that Azure services write first in a record. Folded, with their quotes. */
const firstKeys = [
  '"time"',
  '"rolelocation"',
  '"resourceid"',
  '"category"',
  '"operationname"',
  '"timegenerated"',
  '"tenantid"',
  '"records"',
];

/** Most blanks that may stand between a brace and its neighbours: longer runs would make the search quadratic. */
const mostBlanks = 64;

const isBlank = /\s/;

/**
 * Places where a record seems to begin: a `{` with a key behind it that records begin with, and in front of it what
 * ends a record, a value or a line, or opens a list. The salvage starts again there when broken quotes made it lose its
 * way.
 */
export function recordStarts(text: string): number[] {
  const starts: number[] = [];
  for (let at = text.indexOf('{'); at !== -1; at = text.indexOf('{', at + 1)) {
    if (followsRecord(text, at) && namesFirstKey(text, at)) starts.push(at);
  }
  return starts;
}

function followsRecord(text: string, open: number): boolean {
  for (let at = open - 1; at >= Math.max(0, open - mostBlanks); at--) {
    const char = text.charAt(at);
    if ('},[\n\r'.includes(char)) return true;
    if (!isBlank.test(char)) return false;
  }
  return false;
}

function namesFirstKey(text: string, open: number): boolean {
  let at = open + 1;
  while (at <= open + mostBlanks && isBlank.test(text.charAt(at))) at++;
  const head = text.slice(at, at + 16).toLowerCase();
  return firstKeys.some((key) => head.startsWith(key));
}
