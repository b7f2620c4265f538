export type TokenKind =
  | 'keyword'
  | 'name'
  | 'hyphenated-name'
  | 'string'
  | 'integer'
  | 'float'
  | 'bool'
  | 'hex'
  | 'binary'
  | 'timestamp'
  | 'operator'
  | 'punctuation'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; of a string, hex, binary and timestamp the content between the quotes, escapes resolved. */
  readonly text: string;
  readonly at: number;
}

/** A pattern that the grammar does not have, or that is larger than a reader of untrusted text should take. */
export class PatternError extends Error {
  readonly code: 'pattern_invalid' | 'pattern_too_large';

  constructor(code: 'pattern_invalid' | 'pattern_too_large', message: string) {
    super(message);
    this.name = 'PatternError';
    this.code = code;
  }
}

const blank =
  /(?:[ \t\r\n\v\f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|\/\*[^]*?\*\/|\/\/[^\r\n]*)+/y;
const quoted = /'[^'\\]*(?:\\['\\][^'\\]*)*'/y;
const number = /[+-]?(?:\d*\.\d+|0|[1-9]\d*)/y;
const word = /[a-zA-Z_][a-zA-Z0-9_-]*/y;
const hex = /h'((?:[A-Fa-f0-9]{2})*)'/y;
const binary = /b'((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{2}==))'/y;
const timestamp =
  /t'(\d{4}-(?:0[1-9]|1[012])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?Z)'/y;
const operator = /==|=|!=|<>|<=|<|>=|>/y;
const punctuation = /[:.,()[\]*]/y;

const keywords = new Set(
  'AND OR NOT FOLLOWEDBY LIKE MATCHES ISSUPERSET ISSUBSET EXISTS LAST IN START STOP SECONDS WITHIN REPEATS TIMES'.split(
    ' ',
  ),
);

function wordKind(text: string): TokenKind {
  if (keywords.has(text)) return 'keyword';
  if (text === 'true' || text === 'false') return 'bool';
  return text.includes('-') ? 'hyphenated-name' : 'name';
}

/** Drops the backslash of every escape. One pass of slices: replacing by a regular expression costs five times as much. */
function unescaped(text: string): string {
  let plain = '';
  let from = 0;
  for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', from + 1)) {
    plain += text.slice(from, at);
    from = at + 1;
  }
  return plain + text.slice(from);
}

/**
 * Cuts a pattern into the tokens of the OASIS grammar (STIXPattern.g4 of STIX 2.1): the longest token wins, blanks and
 * comments are dropped. Throws PatternError at a character that begins no token.
 */
export class PatternLexer {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token {
    this.#take(blank);
    const at = this.#at;
    if (at >= this.#text.length) return { kind: 'end', text: '', at };
    const literal = this.#literal(at);
    if (literal !== null) return literal;
    const name = this.#take(word);
    if (name !== null) return { kind: wordKind(name[0]), text: name[0], at };
    const digits = this.#take(number);
    if (digits !== null) return { kind: digits[0].includes('.') ? 'float' : 'integer', text: digits[0], at };
    const comparison = this.#take(operator);
    if (comparison !== null) return { kind: 'operator', text: comparison[0], at };
    const mark = this.#take(punctuation);
    if (mark !== null) return { kind: 'punctuation', text: mark[0], at };
    throw new PatternError('pattern_invalid', `Cannot read pattern at ${at}: no token begins with this character`);
  }

  #literal(at: number): Token | null {
    switch (this.#text[at]) {
      case "'": {
        const match = this.#take(quoted);
        if (match === null)
          throw new PatternError('pattern_invalid', `Cannot read pattern at ${at}: string has no end`);
        return { kind: 'string', text: unescaped(match[0].slice(1, -1)), at };
      }
      case 'h':
        return this.#prefixed('hex', hex, at);
      case 'b':
        return this.#prefixed('binary', binary, at);
      case 't':
        return this.#prefixed('timestamp', timestamp, at);
      default:
        return null;
    }
  }

  #prefixed(kind: TokenKind, shape: RegExp, at: number): Token | null {
    const match = this.#take(shape);
    return match === null ? null : { kind, text: match[1] ?? '', at };
  }

  #take(shape: RegExp): RegExpExecArray | null {
    shape.lastIndex = this.#at;
    const match = shape.exec(this.#text);
    if (match !== null) this.#at = shape.lastIndex;
    return match;
  }
}
