import { ByteBuffer } from './byte-buffer.ts';

/** Text of a document, or of a run of elements of one too large to be held whole. */
export interface SplitDocument {
  readonly line: number;
  readonly lastLine: number;
  readonly body: Uint8Array;
}

interface SplitterBounds {
  /** Documents longer than this are split between the elements of their list, in bytes. */
  readonly splitBytes: number;
  /** A text that holds no place to split at is cut here, in bytes, and is then unreadable. */
  readonly cutBytes: number;
}

const defaultBounds: SplitterBounds = { splitBytes: 4 * 1024 ** 2, cutBytes: 64 * 1024 ** 2 };

/** Most bytes in front of a list that are repeated with each of its runs. */
const prefixBytes = 16 * 1024;

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;
const lineFeed = 0x0a;

/** The list whose elements a document may be split between, and how many brackets stand open inside it. */
interface SplitList {
  readonly depth: number;
  /** Text from the start of the document up to the opening bracket. */
  readonly prefix: Uint8Array;
  readonly suffix: Uint8Array;
}

/**
 * Splits the text of a file into JSON documents: one a line, several a line, pretty-printed over many lines, or one for
 * the whole file, which is split between the elements of its list so that memory stays bounded. Follows brackets,
 * leaving those in strings aside. A document that never ends costs its neighbours nothing: where a line begins with a
 * bracket that JSON has no place for, the next document begins.
 */
export class DocumentSplitter {
  readonly #bounds: SplitterBounds;
  readonly #listKey: RegExp;
  readonly #text = new ByteBuffer();
  #at = 0;
  #line = 1;
  #startLine = 1;
  /** Where the document at hand began; a line may hold several. */
  #documentStart = 0;
  readonly #open: number[] = [];
  #inString = false;
  #escaped = false;
  #significant = 0;
  #isLineStart = false;
  #list: SplitList | null = null;
  /** The list that the text at hand goes on with, when its beginning was handed out already. */
  #continued: SplitList | null = null;

  /** @param listKey Name of the member of a document whose elements may be handed out in runs. */
  constructor(listKey: string, bounds = defaultBounds) {
    this.#listKey = new RegExp(`"${listKey}"\\s*:\\s*\\[$`, 'i');
    this.#bounds = bounds;
  }

  /** The line that is read. */
  get line(): number {
    return this.#line;
  }

  /** Takes the next bytes of the file; answers the documents that end in them. */
  push(chunk: Uint8Array): SplitDocument[] {
    const found: SplitDocument[] = [];
    this.#text.append(chunk);
    while (this.#at < this.#text.length) {
      const byte = this.#text.at(this.#at);
      if (this.#isLineStart) this.#beginLine(byte, found);
      if (byte === lineFeed) this.#endLine(found);
      else if (this.#inString) this.#string(byte);
      else this.#structure(byte, found);
      this.#at += 1;
    }
    if (this.#text.length > this.#bounds.cutBytes) this.#hand(this.#text.length, found);
    return found;
  }

  /** Answers what is left at the end of the file. */
  end(): SplitDocument[] {
    const found: SplitDocument[] = [];
    this.#hand(this.#text.length, found);
    return found;
  }

  #string(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === backslash) this.#escaped = true;
    else if (byte === quote) this.#inString = false;
  }

  #structure(byte: number, found: SplitDocument[]): void {
    if (byte === quote) this.#inString = true;
    else if (byte === openList || byte === openObject) this.#enter(byte);
    if (byte > 0x20) this.#significant = byte;
    if (byte === closeList || byte === closeObject) this.#leave(found);
  }

  #enter(bracket: number): void {
    if (this.#open.length === 0) this.#documentStart = this.#at;
    this.#open.push(bracket);
    if (bracket !== openList || this.#list !== null || this.#open.length > 2) return;
    if (this.#at - this.#documentStart >= prefixBytes) return;
    const prefix = this.#text.slice(this.#documentStart, this.#at + 1);
    const isOwn = this.#open.length === 1 || this.#listKey.test(Buffer.from(prefix).toString('latin1'));
    if (!isOwn) return;
    const suffix = Buffer.from(this.#open.length === 1 ? ']' : ']}');
    this.#list = { depth: this.#open.length, prefix, suffix };
  }

  #leave(found: SplitDocument[]): void {
    this.#open.pop();
    const depth = this.#open.length;
    const list = this.#list;
    if (list !== null && depth < list.depth) this.#list = null;
    if (this.#at + 1 < this.#bounds.splitBytes) return;
    if (depth === 0) this.#hand(this.#at + 1, found);
    else if (list !== null && depth === list.depth) this.#handRun(list, found);
  }

  #endLine(found: SplitDocument[]): void {
    if (this.#open.length === 0) this.#hand(this.#at + 1, found);
    this.#escaped = false;
    this.#line += 1;
    if (this.#at < 0) this.#startLine = this.#line;
    this.#isLineStart = true;
  }

  /** Tells a line that goes on with its document from one that begins another, the one before it having lost its end. */
  #beginLine(byte: number, found: SplitDocument[]): void {
    this.#isLineStart = false;
    if (this.#open.length === 0 || (byte !== openObject && byte !== openList)) return;
    const isElement = this.#significant === comma && this.#open.at(-1) === openList;
    const hasPlace = isElement || this.#significant === openList || this.#significant === colon;
    if (this.#inString || !hasPlace) this.#hand(this.#at, found, this.#line - 1);
  }

  /** Hands out the text up to a place as a document, and begins anew behind it. */
  #hand(end: number, found: SplitDocument[], lastLine = this.#line): void {
    const text = this.#text.slice(0, end);
    const body = this.#continued === null ? text : join(this.#continued.prefix, withoutComma(text));
    if (!isPunctuation(text)) found.push({ line: this.#startLine, lastLine, body });
    this.#drop(end);
    this.#open.length = 0;
    this.#inString = false;
    this.#escaped = false;
    this.#list = null;
    this.#continued = null;
  }

  /** Hands out the elements up to here as a document of their own, and goes on with the rest of their list. */
  #handRun(list: SplitList, found: SplitDocument[]): void {
    const text = this.#text.slice(0, this.#at + 1);
    const begun = this.#continued === null ? [text] : [this.#continued.prefix, withoutComma(text)];
    found.push({ line: this.#startLine, lastLine: this.#line, body: join(...begun, list.suffix) });
    this.#drop(this.#at + 1);
    this.#continued = list;
  }

  #drop(end: number): void {
    this.#text.drop(end);
    this.#at -= end;
    this.#documentStart = 0;
    this.#startLine = this.#line;
  }
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}

/** The elements behind the comma that parted them from those handed out before. */
function withoutComma(text: Uint8Array): Uint8Array {
  const start = text.findIndex((byte) => byte > 0x20);
  return text[start] === comma ? text.subarray(start + 1) : text;
}

/** Blanks, closing brackets, commas, record separators (RFC 7464) and byte order marks: they hold nothing. */
const punctuation = new Set([...Buffer.from('\t\n\r ,;]}\u0000\u001e\ufeff')]);

function isPunctuation(text: Uint8Array): boolean {
  return text.every((byte) => punctuation.has(byte));
}
