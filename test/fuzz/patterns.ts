import { readPattern } from '../../src/core/intel/pattern.ts';
import { checkAcceptance, checkMeaning, checkReading, isAccepted } from '../support/stix-pattern-oracle/pattern-law.ts';
import { PatternMutator } from '../support/stix-pattern-oracle/pattern-mutator.ts';
import { ReadingCost } from '../support/stix-pattern-oracle/reading-cost.ts';
import { fuzz } from './watched-run.ts';

/** The grammar takes fifty times as long as the parser: of what the parser refuses it is asked of one text in so many. */
const refusedEvery = 4;
/** Longest text that the grammar is asked of. */
const grammarMost = 1_000;

const outcomes = { matching: 0, meaningless: 0, refused: 0, too_large: 0, by_grammar: 0 };
const cost = new ReadingCost();

function check(text: string): void {
  const started = performance.now();
  readPattern(text);
  cost.note(text, performance.now() - started);
  const { observables, skipped } = checkReading(text);
  const isRead = isAccepted(text);
  if (skipped.includes('pattern_too_large')) outcomes.too_large += 1;
  else if (!isRead) outcomes.refused += 1;
  else outcomes[observables.length > 0 ? 'matching' : 'meaningless'] += 1;
  if (text.length > grammarMost || (!isRead && outcomes.refused % refusedEvery !== 0)) return;
  outcomes.by_grammar += 1;
  const tree = checkAcceptance(text);
  if (isRead && tree !== null) checkMeaning(text, tree);
}

/** Reads mutated patterns; one that breaks a law is shown as JSON: `node test/fuzz/patterns.ts`. */
fuzz(import.meta.url, {
  inputsOf: (seed) => {
    const mutator = new PatternMutator(seed);
    return () => mutator.pattern();
  },
  check,
  show: (text) => JSON.stringify(text),
  finish: () => {
    const counts = Object.entries(outcomes).map(([outcome, count]) => `${outcome} ${count}`);
    return `${counts.join(', ')}; ${cost.check()}`;
  },
});
