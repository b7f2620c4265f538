import type { SilenceAnswer, SilenceChanges } from '../../src/pipeline/silence-views.ts';

/** Of a service whose silences nobody changes. */
export const refusingChanges: SilenceChanges = {
  create: () => Promise.resolve(refusal),
  end: () => Promise.resolve(refusal),
  refused: () => undefined,
};

const refusal: SilenceAnswer = { refusal: { code: 'not_active', detail: 'Cannot change silences in this test' } };
