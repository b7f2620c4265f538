import type { StixObject } from '../../core/intel/stix-object.ts';

/** Members that STIX 2.0 does not have. */
const newer: ReadonlySet<string> = new Set([
  'spec_version',
  'confidence',
  'lang',
  'extensions',
  'pattern_type',
  'pattern_version',
  'indicator_types',
]);

/** An object as STIX 2.0 writes it: indicators say in `labels` what 2.1 calls their types. */
export function asStix20(object: StixObject): StixObject {
  const kept = Object.fromEntries(Object.entries(object).filter(([name]) => !newer.has(name)));
  if (object['type'] !== 'indicator') return kept;
  const lists = [object['indicator_types'], object['labels']];
  const texts = lists.flatMap((list): unknown[] => (Array.isArray(list) ? list : []));
  return { ...kept, labels: texts.length === 0 ? ['malicious-activity'] : texts };
}
