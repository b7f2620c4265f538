/** The place of a page in the whole, counted from 0. */
export interface ContentRange {
  readonly first: number;
  readonly last: number;
  /** Null when the server does not tell it. */
  readonly total: number | null;
}

/** Reads a Content-Range of items, `items 0-99/250` (TAXII 2.0 §3.4); null when it is absent or unreadable. */
export function readContentRange(text: string | null): ContentRange | null {
  const [, first, last, total] = /^\s*items[ =](\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)\s*$/i.exec(text ?? '') ?? [];
  if (first === undefined || last === undefined || Number(last) < Number(first)) return null;
  return { first: Number(first), last: Number(last), total: total === '*' ? null : Number(total) };
}
