import { PatternError, PatternLexer, type Token, type TokenKind } from './pattern-lexer.ts';
import type { Comparator, Comparison, Literal, Observations, Qualifier, Test } from './pattern-tree.ts';
import { parseStixTime } from './stix-time.ts';

/** A pattern comes from outside: parentheses nest at most this deep, so that no pattern exhausts the stack. */
const maxDepth = 64;

const comparators: Readonly<Record<string, Comparator>> = {
  '=': '=',
  '==': '=',
  '!=': '!=',
  '<>': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  IN: 'IN',
  LIKE: 'LIKE',
  MATCHES: 'MATCHES',
  ISSUBSET: 'ISSUBSET',
  ISSUPERSET: 'ISSUPERSET',
};

const literalKinds: ReadonlySet<TokenKind> = new Set<Literal['kind']>([
  'string',
  'integer',
  'float',
  'bool',
  'hex',
  'binary',
  'timestamp',
]);

function isLiteral(token: Token): token is Token & Literal {
  return literalKinds.has(token.kind);
}

class PatternParser {
  readonly #lexer: PatternLexer;
  #token: Token;
  #depth = 0;

  constructor(text: string) {
    this.#lexer = new PatternLexer(text);
    this.#token = this.#lexer.next();
  }

  pattern(): Observations {
    const tree = this.#followedBy();
    if (this.#token.kind !== 'end') throw this.#unexpected('the end of the pattern');
    return tree;
  }

  #followedBy(): Observations {
    return this.#joined('FOLLOWEDBY', 'followed-by', () =>
      this.#joined('OR', 'or', () => this.#joined('AND', 'and', () => this.#observation())),
    );
  }

  #joined<Kind extends string, Node>(
    keyword: string,
    kind: Kind,
    operand: () => Node,
  ): Node | { readonly kind: Kind; readonly operands: readonly Node[] } {
    const first = operand();
    if (!this.#is('keyword', keyword)) return first;
    const operands = [first];
    while (this.#skip('keyword', keyword)) operands.push(operand());
    return { kind, operands };
  }

  #observation(): Observations {
    let node: Observations;
    if (this.#skip('punctuation', '[')) {
      node = { kind: 'observation', comparison: this.#comparison() };
      this.#expect('punctuation', ']');
    } else if (this.#is('punctuation', '(')) {
      node = this.#parenthesised(() => this.#followedBy());
    } else {
      throw this.#unexpected('"[" or "("');
    }
    const seen = new Set<Qualifier['kind']>();
    for (let qualifier = this.#qualifier(); qualifier !== null; qualifier = this.#qualifier()) {
      // STIX 2.1 section 9.5: a kind of qualifier stands at most once on an observation expression.
      if (seen.has(qualifier.kind)) throw this.#unexpected('no second qualifier of the same kind');
      seen.add(qualifier.kind);
      node = { kind: 'qualified', operand: node, qualifier };
    }
    return node;
  }

  #qualifier(): Qualifier | null {
    if (this.#skip('keyword', 'START')) return this.#startStop();
    if (this.#skip('keyword', 'WITHIN')) {
      const { kind, text } = this.#token;
      if ((kind !== 'integer' && kind !== 'float') || text.startsWith('-')) throw this.#unexpected('seconds');
      this.#advance();
      this.#expect('keyword', 'SECONDS');
      return { kind: 'within' };
    }
    if (this.#skip('keyword', 'REPEATS')) {
      const { text } = this.#expect('integer');
      const times = Number(text);
      if (times < 1) throw this.#unexpected('at least one repetition');
      this.#expect('keyword', 'TIMES');
      return { kind: 'repeats', times };
    }
    return null;
  }

  #startStop(): Qualifier {
    const start = parseStixTime(this.#expect('timestamp').text);
    this.#expect('keyword', 'STOP');
    const stop = parseStixTime(this.#expect('timestamp').text);
    if (start === null || stop === null || start.key >= stop.key) throw this.#unexpected('a START before its STOP');
    return { kind: 'start-stop', startMs: start.ms, stopMs: stop.ms };
  }

  #comparison(): Comparison {
    return this.#joined('OR', 'or', () => this.#joined('AND', 'and', () => this.#test()));
  }

  #test(): Comparison {
    if (this.#is('punctuation', '(')) return this.#parenthesised(() => this.#comparison());
    const notExists = this.#skip('keyword', 'NOT');
    if (notExists || this.#is('keyword', 'EXISTS')) {
      this.#expect('keyword', 'EXISTS');
      return { kind: 'test', path: this.#path(), negated: notExists, comparator: 'EXISTS', literals: [] };
    }
    const path = this.#path();
    const negated = this.#skip('keyword', 'NOT');
    const comparator = comparators[this.#token.text];
    if (comparator === undefined || (this.#token.kind !== 'operator' && this.#token.kind !== 'keyword')) {
      throw this.#unexpected('a comparison operator');
    }
    this.#advance();
    return { kind: 'test', path, negated, comparator, literals: this.#literals(comparator) };
  }

  #literals(comparator: Test['comparator']): Literal[] {
    switch (comparator) {
      case 'IN':
        return this.#set();
      case '=':
      case '!=':
        return [this.#literal()];
      case '<':
      case '<=':
      case '>':
      case '>=':
        if (this.#token.kind === 'bool') throw this.#unexpected('a literal that has an order');
        return [this.#literal()];
      default:
        return [{ kind: 'string', text: this.#expect('string').text }];
    }
  }

  #set(): Literal[] {
    this.#expect('punctuation', '(');
    if (this.#skip('punctuation', ')')) return [];
    const literals = [this.#literal()];
    while (this.#skip('punctuation', ',')) literals.push(this.#literal());
    this.#expect('punctuation', ')');
    return literals;
  }

  #literal(): Literal {
    const token = this.#token;
    if (!isLiteral(token)) throw this.#unexpected('a literal');
    this.#advance();
    return { kind: token.kind, text: token.text };
  }

  #path(): string {
    const type = this.#token;
    if (type.kind !== 'name' && type.kind !== 'hyphenated-name') throw this.#unexpected('an object type');
    this.#advance();
    this.#expect('punctuation', ':');
    let path = `${type.text}:${this.#property()}`;
    for (;;) {
      if (this.#skip('punctuation', '.')) path += `.${this.#property()}`;
      else if (this.#skip('punctuation', '[')) path += `[${this.#position()}]`;
      else return path;
    }
  }

  #property(): string {
    const { kind, text } = this.#token;
    if (kind !== 'name' && kind !== 'string') throw this.#unexpected('a property name');
    this.#advance();
    return kind === 'name' || /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(text) ? text : `'${text}'`;
  }

  #position(): string {
    const { kind, text } = this.#token;
    if (kind !== 'integer' && !this.#is('punctuation', '*')) throw this.#unexpected('a list position or *');
    this.#advance();
    this.#expect('punctuation', ']');
    return text;
  }

  #parenthesised<Node>(inner: () => Node): Node {
    this.#depth += 1;
    if (this.#depth > maxDepth) {
      throw new PatternError('pattern_too_large', `Cannot read pattern as parentheses nest deeper than ${maxDepth}`);
    }
    this.#expect('punctuation', '(');
    const node = inner();
    this.#expect('punctuation', ')');
    this.#depth -= 1;
    return node;
  }

  #is(kind: TokenKind, text: string): boolean {
    return this.#token.kind === kind && this.#token.text === text;
  }

  #skip(kind: TokenKind, text: string): boolean {
    if (!this.#is(kind, text)) return false;
    this.#advance();
    return true;
  }

  #expect(kind: TokenKind, text?: string): Token {
    const token = this.#token;
    if (token.kind !== kind || (text !== undefined && token.text !== text)) throw this.#unexpected(text ?? `a ${kind}`);
    this.#advance();
    return token;
  }

  #advance(): void {
    this.#token = this.#lexer.next();
  }

  #unexpected(wanted: string): PatternError {
    const { kind, text, at } = this.#token;
    const seen = kind === 'end' ? 'its end' : JSON.stringify(text.slice(0, 40));
    return new PatternError('pattern_invalid', `Cannot read pattern at ${at} as ${wanted}: current value is ${seen}`);
  }
}

/**
 * Parses a STIX 2.1 pattern (section 9; the OASIS grammar STIXPattern.g4) into its tree. Throws PatternError. Beyond
 * the grammar it refuses what section 9.5 refuses: a qualifier twice on one expression, REPEATS 0, STOP before START.
 */
export function parsePattern(text: string): Observations {
  return new PatternParser(text).pattern();
}
