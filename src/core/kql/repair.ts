/**
 * How the repaired semantics differ from the letter of the rule, one by one. Each repair can be made alone, so that a
 * difference between the two results is traced to those that cause it. The order is the one in which a comparison makes
 * them.
 */
export const repairMeanings = {
  'revoked-version': 'KQL still matches an earlier version of an indicator whose newest version is revoked',
  'superseded-version': 'KQL still matches an earlier version of an indicator that was changed',
  'no-valid-until': 'KQL drops indicators without valid_until',
  unscored: 'KQL drops indicators without confidence of their own',
  'confidence-floor': 'KQL wants a confidence of 75, MIN_CONFIDENCE wants another',
  'pattern-qualifier': 'KQL takes the comparisons of a pattern whatever REPEATS and START … STOP say',
  'excluded-range': 'the prefix list of the KQL lacks a range of EXCLUDED_RANGES',
  'private-prefix': 'KQL excludes an address because a private prefix stands inside its text',
  'observable-kind': 'KQL reads only comparisons of ipv4-addr:value by =',
  ipv6: 'KQL reads no IPv6 observables',
  range: 'KQL compares texts and so never matches a range',
  'address-form':
    'KQL compares texts, so a port, blanks, brackets, a prefix length or letter case keep equal addresses apart',
  undated: 'KQL drops records without a readable time',
  early: 'a record dated more than 15 minutes after it was enqueued counts at its enqueued time',
  'late-enqueued': 'a record enqueued after the cut of the flush does not count yet',
  'activity-status': 'KQL wants the status Success, ACTIVITY_STATUSES wants others',
  'caller-case': 'KQL takes a caller written in another letter case for another caller',
  'duplicate-records': 'KQL counts every copy of a record',
  'risk-order': 'KQL takes the alphabetically greatest risk for the highest',
  'empty-member': 'KQL keeps "" as a member of a set',
  'set-case': 'KQL keeps members apart that differ only in letter case',
  'set-order': 'KQL shows the members met first, in the order of arrival',
  'best-indicator': 'KQL takes the columns of any matching indicator',
  'tlp-strictest': 'KQL takes the TLP level of any matching indicator and knows no level of a feed',
} as const;

export type Repair = keyof typeof repairMeanings;
export type Repairs = ReadonlySet<Repair>;

/** Every repair, in the order in which a comparison makes them. */
export const repairs = Object.keys(repairMeanings) as Repair[];

/** The letter of the rule. */
export const noRepairs: Repairs = new Set();

/** The repaired semantics. */
export const allRepairs: Repairs = new Set(repairs);
