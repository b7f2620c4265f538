export type ConfidenceLevel = 'None' | 'Low' | 'Medium' | 'High';

/** The words for a confidence from 0 to 100: the None / Low / Med / High scale of STIX 2.1, appendix A. */
export function confidenceLevel(confidence: number): ConfidenceLevel {
  if (confidence >= 70) return 'High';
  if (confidence >= 30) return 'Medium';
  return confidence >= 1 ? 'Low' : 'None';
}

/** The scale, for the mapping page. */
export const confidenceScale = 'None is 0, Low 1 to 29, Medium 30 to 69, High 70 to 100 (STIX 2.1, appendix A)';
