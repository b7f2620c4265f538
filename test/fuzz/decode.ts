import { checkDecoding, noOutcomes } from '../support/decode-law.ts';
import { Mutator } from '../support/mutator.ts';
import { fuzz } from './watched-run.ts';

const outcomes = noOutcomes();

/** Decodes mutated message bodies; one that breaks a law is shown as base64: `node test/fuzz/decode.ts`. */
fuzz(import.meta.url, {
  inputsOf: (seed) => {
    const mutator = new Mutator(seed);
    return () => mutator.body();
  },
  check: (body: Uint8Array) => {
    checkDecoding(body, outcomes);
  },
  show: (body) => Buffer.from(body).toString('base64'),
  finish: () =>
    Object.entries(outcomes)
      .map(([outcome, count]) => `${outcome} ${count}`)
      .join(', '),
});
