import { confidenceLevel, confidenceScale, type ConfidenceLevel } from './confidence-level.ts';

const ids: Readonly<Record<ConfidenceLevel, number>> = { None: 0, Low: 1, Medium: 2, High: 3 };

/** The confidence_id of OCSF for a confidence from 0 to 100; 0, Unknown, for none. */
export function confidenceIdOf(confidence: number): number {
  return ids[confidenceLevel(confidence)];
}

/** The ids, for the mapping page. */
export const confidenceIdRule = `None: 0 (Unknown), Low: 1, Medium: 2, High: 3; ${confidenceScale}`;
