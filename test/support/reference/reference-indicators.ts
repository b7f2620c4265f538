import type { Tlp } from '../../../src/core/intel/indicator.ts';
import { canonicalAddress, coverage, type Membership } from './address-text.ts';
import type { SourcedObject } from '../../../src/core/kql/ti-version.ts';
import { confidenceField, listText, textField, timeField, tlpField } from './stix-fields.ts';
import { addressTexts } from './stix-pattern.ts';
import { groupBy, least } from './table.ts';

/** An indicator that counts at the instant asked for. */
export interface ActiveIndicator {
  readonly source: string;
  readonly id: string;
  readonly confidence: number;
  readonly modifiedMs: number;
  readonly threatType: string;
  readonly description: string;
  readonly tags: string;
  readonly tlp: Tlp;
  readonly covers: Membership;
}

/** The newest version of each indicator that counts at the instant: not revoked, inside its validity, trusted enough. */
export function activeIndicators(
  objects: readonly SourcedObject[],
  at: number,
  minConfidence: number,
): ActiveIndicator[] {
  return groupBy(
    objects.filter(({ object }) => object['type'] === 'indicator'),
    ({ source, object }) => [source.name, textField(object, 'id')],
  )
    .map((versions) => least(versions, (a, b) => modifiedOf(b) - modifiedOf(a)))
    .filter(({ object }) => object['revoked'] !== true)
    .filter(({ object }) => ['', 'stix'].includes(textField(object, 'pattern_type')))
    .filter(({ object }) => (timeField(object, 'valid_from') ?? at) <= at)
    .filter((version) => validUntil(version) > at)
    .flatMap((version): ActiveIndicator[] => {
      const { source, object } = version;
      const confidence = confidenceField(object) ?? source.defaultConfidence;
      if (confidence === null || confidence < minConfidence) return [];
      const covers = addressTexts(textField(object, 'pattern'), source.useDstRef, at)
        .map((text) => observed(text))
        .filter((membership) => membership !== null);
      return [
        {
          source: source.name,
          id: textField(object, 'id'),
          confidence,
          modifiedMs: modifiedOf(version),
          threatType: listText(object, 'indicator_types'),
          description: shownDescription(version),
          tags: listText(object, 'labels'),
          tlp: tlpField(object) || source.tlp,
          covers: (address) => covers.some((membership) => membership(address)),
        },
      ];
    });
}

function shownDescription({ object, source }: SourcedObject): string {
  const description = textField(object, 'description');
  const isRed = (tlpField(object) || source.tlp) === 'RED';
  return isRed && source.allowRedDescription !== true && description !== '' ? 'Withheld (TLP:RED)' : description;
}

function modifiedOf({ object }: SourcedObject): number {
  return timeField(object, 'modified') ?? timeField(object, 'created') ?? 0;
}

function validUntil(version: SourcedObject): number {
  const given = timeField(version.object, 'valid_until');
  return given ?? Math.max(modifiedOf(version), timeField(version.object, 'valid_from') ?? 0) + version.source.maxAgeMs;
}

/** What a constant of a pattern covers: an address in any form a caller may have, or a range that is not too wide. */
function observed(text: string): Membership | null {
  const canonical = canonicalAddress(text);
  return canonical === null ? coverage(text, { v4: 8, v6: 19 }) : (address) => address === canonical;
}
