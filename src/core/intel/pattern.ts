import type { Observable, SkipReason } from './indicator.ts';
import { parseObservableValue } from './observable-value.ts';
import { PatternError } from './pattern-lexer.ts';
import { meaningOf, type PatternReading } from './pattern-meaning.ts';
import { parsePattern } from './pattern-parser.ts';

/** Longest pattern that is read, in UTF-16 code units; a longer one is refused before it costs anything. */
export const maxPatternLength = 65_536;

/**
 * The form of nearly every address indicator; reading it so is some twenty times faster than parsing. Rarer blanks of
 * the grammar are left to the parser.
 */
const plain = /^\[[ \t\r\n]*(ipv[46]-addr):value[ \t\r\n]*=[ \t\r\n]*'([^'\\]*)'[ \t\r\n]*\]$/;

function nothing(reason: SkipReason): PatternReading {
  return { observables: [], comparisons: [], observations: 0, skipped: [reason] };
}

function readPlain(key: Observable['key'], value: string): PatternReading {
  const comparison = { path: `${key}:value`, form: 'equals', value, underOrOnly: true, observation: 0 } as const;
  const range = parseObservableValue(value);
  const observables = range === null ? [] : [{ range, value, key, comparison }];
  return {
    observables,
    comparisons: [comparison],
    observations: 1,
    skipped: range === null ? ['address_invalid'] : [],
  };
}

/**
 * Reads a STIX pattern for what it means to one caller address. Never throws: what cannot be read is named in
 * `skipped`. Time is linear in the length, which is bounded, as is the depth.
 */
export function readPattern(pattern: string): PatternReading {
  if (pattern.length > maxPatternLength) return nothing('pattern_too_large');
  const match = plain.exec(pattern);
  if (match !== null) return readPlain(match[1] === 'ipv4-addr' ? 'ipv4-addr' : 'ipv6-addr', match[2] ?? '');
  try {
    return meaningOf(parsePattern(pattern));
  } catch (error) {
    if (error instanceof PatternError) return nothing(error.code);
    throw error;
  }
}
