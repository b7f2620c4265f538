/**
 * A plain reader of STIX patterns (STIX 2.1 §9) for the reference evaluators. It shares nothing with the production
 * reader, so that agreement of the two means something.
 */

interface Comparison {
  readonly type: 'comparison';
  readonly path: string;
  readonly operator: string;
  readonly negated: boolean;
  /** The constants that are strings. */
  readonly values: readonly string[];
}

interface Combined<Part> {
  readonly type: 'AND' | 'OR' | 'FOLLOWEDBY';
  readonly parts: readonly Part[];
}

type Condition = Comparison | Combined<Condition>;

interface Observation {
  readonly type: 'observation';
  readonly condition: Condition;
}

interface Qualified {
  readonly type: 'qualified';
  readonly inner: Expression;
  /** At least this many observations are asked for. */
  readonly repeats: number;
  /** Milliseconds between which it holds, when it says so. */
  readonly between: readonly [number, number] | null;
}

type Expression = Observation | Qualified | Combined<Expression>;

const token =
  /\s*(?:(?<text>[thb]?'(?:[^'\\]|\\['\\])*')|(?<word>[A-Za-z_][A-Za-z0-9_-]*)|(?<number>[+-]?\d*\.?\d+)|(?<sign>!=|<>|==|<=|>=|[[\]()=<>:.,*]))/y;

function tokens(pattern: string): string[] {
  const found: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < pattern.trimEnd().length) {
    const match = token.exec(pattern);
    if (match === null) throw new SyntaxError('no token');
    found.push(match[0].trim());
  }
  return found;
}

function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll(/\\(['\\])/g, '$1');
}

class Reader {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(pattern: string) {
    this.#tokens = tokens(pattern);
  }

  pattern(): Expression {
    const expression = this.#combined('FOLLOWEDBY', () =>
      this.#combined('OR', () => this.#combined('AND', () => this.#qualified())),
    );
    if (this.#at < this.#tokens.length) throw new SyntaxError('more text');
    return expression;
  }

  #next(): string {
    const next = this.#tokens[this.#at];
    if (next === undefined) throw new SyntaxError('ends early');
    this.#at += 1;
    return next;
  }

  #take(wanted: string): boolean {
    if (this.#tokens[this.#at] !== wanted) return false;
    this.#at += 1;
    return true;
  }

  #expect(wanted: string): void {
    if (!this.#take(wanted)) throw new SyntaxError(`no ${wanted}`);
  }

  #combined<Part>(type: 'AND' | 'OR' | 'FOLLOWEDBY', read: () => Part): Part | Combined<Part> {
    const parts = [read()];
    while (this.#take(type)) parts.push(read());
    return parts.length === 1 ? parts[0]! : { type, parts };
  }

  #qualified(): Expression {
    let expression: Expression;
    if (this.#take('(')) {
      expression = this.#combined('FOLLOWEDBY', () =>
        this.#combined('OR', () => this.#combined('AND', () => this.#qualified())),
      );
      this.#expect(')');
    } else {
      this.#expect('[');
      expression = { type: 'observation', condition: this.#condition() };
      this.#expect(']');
    }
    for (;;) {
      if (this.#take('WITHIN')) {
        this.#next();
        this.#expect('SECONDS');
        expression = { type: 'qualified', inner: expression, repeats: 1, between: null };
      } else if (this.#take('REPEATS')) {
        expression = { type: 'qualified', inner: expression, repeats: Number(this.#next()), between: null };
        this.#expect('TIMES');
      } else if (this.#take('START')) {
        const start = Date.parse(this.#next().slice(2, -1));
        this.#expect('STOP');
        const between = [start, Date.parse(this.#next().slice(2, -1))] as const;
        expression = { type: 'qualified', inner: expression, repeats: 1, between };
      } else return expression;
    }
  }

  #condition(): Condition {
    return this.#combined('OR', () => this.#combined('AND', () => this.#comparison()));
  }

  #comparison(): Condition {
    if (this.#take('(')) {
      const inner = this.#condition();
      this.#expect(')');
      return inner;
    }
    const path = this.#path();
    const negated = this.#take('NOT');
    const operator = this.#next();
    const constants: string[] = [];
    if (operator === 'IN') {
      this.#expect('(');
      do constants.push(this.#next());
      while (this.#take(','));
      this.#expect(')');
    } else constants.push(this.#next());
    const values = constants.filter((constant) => constant.startsWith("'")).map(unquoted);
    return { type: 'comparison', path, operator: operator === '==' ? '=' : operator, negated, values };
  }

  #path(): string {
    let path = this.#next();
    this.#expect(':');
    path += `:${this.#step()}`;
    for (;;) {
      if (this.#take('.')) path += `.${this.#step()}`;
      else if (this.#take('[')) {
        path += `[${this.#next()}]`;
        this.#expect(']');
      } else return path;
    }
  }

  #step(): string {
    const step = this.#next();
    return step.startsWith("'") ? unquoted(step) : step;
  }
}

function read(pattern: string): Expression | null {
  try {
    return new Reader(pattern).pattern();
  } catch {
    return null;
  }
}

/** What Sentinel writes as ObservableValue of `ipv4-addr:value`: constants of comparisons alone or under OR. */
export function observableValues(pattern: string): string[] {
  const expression = read(pattern);
  return expression === null ? [] : valuesOf(expression);
}

function valuesOf(part: Expression | Condition): string[] {
  if (part.type === 'observation') return valuesOf(part.condition);
  if (part.type === 'qualified') return valuesOf(part.inner);
  if (part.type === 'OR') return part.parts.flatMap(valuesOf);
  if (part.type !== 'comparison' || part.negated || part.operator !== '=') return [];
  return part.path.toLowerCase() === 'ipv4-addr:value' ? [...part.values] : [];
}

/** Texts of the addresses and ranges that a pattern names, at an instant, in a way that one caller can satisfy. */
export function addressTexts(pattern: string, dstRef: boolean, at: number): string[] {
  const expression = read(pattern);
  return expression === null ? [] : addressesOf(expression, dstRef, at);
}

function addressesOf(part: Expression | Condition, dstRef: boolean, at: number): string[] {
  switch (part.type) {
    case 'observation':
      return addressesOf(part.condition, dstRef, at);
    case 'qualified':
      if (part.repeats > 1 || (part.between !== null && (at < part.between[0] || at >= part.between[1]))) return [];
      return addressesOf(part.inner, dstRef, at);
    case 'OR':
      return part.parts.flatMap((each) => addressesOf(each, dstRef, at));
    case 'AND':
      return typedReference(part.parts, dstRef, at);
    case 'FOLLOWEDBY':
      return [];
    case 'comparison': {
      const paths = ['ipv4-addr:value', 'ipv6-addr:value', 'network-traffic:src_ref.value'];
      if (dstRef) paths.push('network-traffic:dst_ref.value');
      const wanted =
        paths.includes(part.path.toLowerCase()) && !part.negated && ['=', 'IN', 'ISSUBSET'].includes(part.operator);
      return wanted ? [...part.values] : [];
    }
  }
}

/** `X_ref.type = 'ipv4-addr' AND X_ref.value = '…'`, as MISP writes a plain address. */
function typedReference(parts: readonly (Expression | Condition)[], dstRef: boolean, at: number): string[] {
  const [a, b] = parts;
  if (parts.length !== 2 || a?.type !== 'comparison' || b?.type !== 'comparison') return [];
  const [kind, value] = a.path.endsWith('.type') ? [a, b] : [b, a];
  const isType = kind.operator === '=' && ['ipv4-addr', 'ipv6-addr'].includes(kind.values[0] ?? '') && !kind.negated;
  const sameReference = kind.path.replace(/\.type$/, '') === value.path.replace(/\.value$/, '');
  return isType && sameReference ? addressesOf(value, dstRef, at) : [];
}
