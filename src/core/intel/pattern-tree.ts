import type { TokenKind } from './pattern-lexer.ts';

export interface Literal {
  readonly kind: Extract<TokenKind, 'string' | 'integer' | 'float' | 'bool' | 'hex' | 'binary' | 'timestamp'>;
  readonly text: string;
}

export type Comparator =
  '=' | '!=' | '<' | '<=' | '>' | '>=' | 'IN' | 'LIKE' | 'MATCHES' | 'ISSUBSET' | 'ISSUPERSET' | 'EXISTS';

/** One comparison: `ipv4-addr:value = '198.51.100.7'`. */
export interface Test {
  readonly kind: 'test';
  /** Object path in one canonical spelling: quotes dropped where the name needs none. */
  readonly path: string;
  readonly negated: boolean;
  readonly comparator: Comparator;
  /** One literal, or the members of a set; none for EXISTS. */
  readonly literals: readonly Literal[];
}

/** What stands inside the brackets of one observation. */
export type Comparison = Test | { readonly kind: 'and' | 'or'; readonly operands: readonly Comparison[] };

export type Qualifier =
  | { readonly kind: 'start-stop'; readonly startMs: number; readonly stopMs: number }
  | { readonly kind: 'within' }
  | { readonly kind: 'repeats'; readonly times: number };

/** The whole pattern: observations, joined and qualified. */
export type Observations =
  | { readonly kind: 'observation'; readonly comparison: Comparison }
  | { readonly kind: 'and' | 'or' | 'followed-by'; readonly operands: readonly Observations[] }
  | { readonly kind: 'qualified'; readonly operand: Observations; readonly qualifier: Qualifier };
