/** Members and bytes of one page: read by JSON.parse in a few milliseconds. */
const pageMembers = 500;
const pageBytes = 512 * 1024;

const sign = {
  quote: 0x22,
  comma: 0x2c,
  colon: 0x3a,
  open: 0x5b,
  backslash: 0x5c,
  close: 0x5d,
  begin: 0x7b,
  end: 0x7d,
};

/** Where a list begins and ends: its brackets are at these bytes. */
interface ListPlace {
  readonly open: number;
  readonly close: number;
}

/**
 * Reads the list that a JSON document is or has under a key, a page of members at a time: objects of a file of hundreds of
 * megabytes would take gigabytes, and reading them in one go would hold everything up for seconds. Yields the members and
 * returns the document with an empty list in their place, or undefined when it finds no such list and has yielded
 * nothing. Throws SyntaxError where the document is no JSON, maybe not before its end.
 */
export function* listPages(bytes: Buffer, key: string): Generator<unknown[], unknown> {
  const open = listStart(bytes, key);
  if (open === -1) return undefined;
  const place = yield* membersFrom(bytes, open);
  const before = bytes.toString('utf8', markEnd(bytes), place.open + 1);
  return JSON.parse(before + bytes.toString('utf8', place.close)) as unknown;
}

function* membersFrom(bytes: Buffer, open: number): Generator<unknown[], ListPlace> {
  let from = open + 1;
  let members = 0;
  for (let at = from; ; at += 1) {
    at = memberEnd(bytes, at);
    members += 1;
    const isLast = bytes[at] === sign.close;
    if (!isLast && members < pageMembers && at - from < pageBytes) continue;
    const text = bytes.toString('utf8', from, at);
    const isFirst = from === open + 1;
    // A page of nothing would be read as an empty list.
    if (text.trim() === '' && !(isLast && isFirst)) throw new SyntaxError(`a member is missing at byte ${at}`);
    const page = JSON.parse(`[${text}]`) as unknown[];
    if (page.length > 0) yield page;
    if (isLast) return { open, close: at };
    from = at + 1;
    members = 0;
  }
}

/** The byte where the list begins, -1 when there is none: the document is one, or has one under the key. */
function listStart(bytes: Buffer, key: string): number {
  let at = blankEnd(bytes, markEnd(bytes));
  if (bytes[at] === sign.open) return at;
  if (bytes[at] !== sign.begin) return -1;
  while (bytes[at] === sign.begin || bytes[at] === sign.comma) {
    const name = blankEnd(bytes, at + 1);
    if (bytes[name] !== sign.quote) return -1;
    const nameEnd = textEnd(bytes, name);
    const colon = blankEnd(bytes, nameEnd + 1);
    if (bytes[colon] !== sign.colon) return -1;
    const value = blankEnd(bytes, colon + 1);
    if (bytes[value] === sign.open && bytes.toString('latin1', name + 1, nameEnd) === key) return value;
    at = memberEnd(bytes, value);
  }
  return -1;
}

/** The byte after a byte order mark. */
function markEnd(bytes: Buffer): number {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

function blankEnd(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === 0x20 || bytes[at] === 0x0a || bytes[at] === 0x0d || bytes[at] === 0x09) at += 1;
  return at;
}

/** The comma or bracket that ends what begins at a byte. Which bracket closes what is left to JSON.parse. */
function memberEnd(bytes: Buffer, from: number): number {
  let depth = 0;
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === sign.quote) at = textEnd(bytes, at);
    else if (byte === sign.open || byte === sign.begin) depth += 1;
    else if (depth === 0 && (byte === sign.comma || byte === sign.close || byte === sign.end)) return at;
    else if (byte === sign.close || byte === sign.end) depth -= 1;
  }
  throw new SyntaxError('it ends within a list or an object');
}

/** The quote that ends the text whose quote is at a byte. */
function textEnd(bytes: Buffer, quote: number): number {
  for (let end = bytes.indexOf(sign.quote, quote + 1); end !== -1; end = bytes.indexOf(sign.quote, end + 1)) {
    let escapes = 0;
    while (bytes[end - 1 - escapes] === sign.backslash) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  throw new SyntaxError('it ends within a text');
}
