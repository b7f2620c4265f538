import type { AllowAction } from '../core/intel/allow-lists.ts';
import type { FeedIntel, IntelIndicator, IntelView, SkippedItem } from '../pipeline/views.ts';
import { printable } from './printable.ts';
import { alignTable } from './replay-table.ts';

function list(texts: readonly string[]): string {
  return texts.join(', ');
}

function confidenceText(confidence: number | null, stated: number | null): string {
  if (confidence === null) return 'none';
  return confidence === stated ? String(confidence) : `${confidence} (the feed says ${stated})`;
}

function indicatorLines(indicator: IntelIndicator): string[] {
  const { id, source, counts, reason, observables, confidence, statedConfidence, modified } = indicator;
  const { validFrom, validUntil } = indicator;
  const until = indicator.validUntilGiven ? validUntil : `${validUntil} (by INDICATOR_MAX_AGE)`;
  const facts: readonly (readonly [string, string])[] = [
    ...observables.map(
      (each) =>
        [
          'names',
          `${each.value} (${each.range}), ${each.reason ?? 'counts'}` +
            (each.validFrom === validFrom && each.validUntil === validUntil
              ? ''
              : `, valid from ${each.validFrom ?? 'ever'} until ${each.validUntil}`),
        ] as const,
    ),
    ['confidence', confidenceText(confidence, statedConfidence)],
    ['valid', `from ${validFrom ?? 'ever'} until ${until}`],
    ['modified', modified],
    ['revoked', indicator.revocationIgnored ? 'by its feed, which has no allowRevocation: ignored' : ''],
    ['made by', indicator.sourceName],
    ['TLP', indicator.tlp],
    ['actors', list(indicator.actors)],
    ['types', list(indicator.types)],
    ['labels', list(indicator.labels)],
    ['skipped', list(indicator.skipped)],
    ['pattern', indicator.pattern],
    ['says', indicator.description],
  ];
  return [
    `${counts ? 'counts' : 'does not count'}${reason === null ? '' : ` (${reason})`}: ${id} of ${source}`,
    ...facts.filter(([, text]) => text !== '').map(([name, text]) => `  ${name.padEnd(10)}  ${text}`),
  ];
}

function activityLines({ windows, signIns, standing, windowStart, windowEnd, partial }: IntelView): string[] {
  const shown = windows.map(
    ({ caller, row }) =>
      `  ${caller === '' ? 'no caller' : caller}: ${row.OperationCount} operations, last ${row.LastSeen}`,
  );
  const seen = signIns.map(
    ({ kind, principal, objectId, count, last }) =>
      `  ${kind} ${principal === '' ? objectId : principal}: ${count}, last ${last}`,
  );
  return [
    `Windows from ${windowStart} to ${windowEnd} (${standing}): ${windows.length}`,
    ...shown,
    `Sign-ins: ${signIns.length}`,
    ...seen,
    ...(partial === null ? [] : [`What came before ${partial.before} was given up for want of memory: counts miss it`]),
  ];
}

const allowActionTexts: Readonly<Record<AllowAction, string>> = {
  lower: 'matches are alerted with the severity that SEVERITY_POLICY gives',
  drop: 'matches are dropped and counted',
};

/** An account of why an address matches or not. */
export function intelLines(view: IntelView): string[] {
  const { ip, verdict, asOf, indexVersion, allowLists, named, counting, indicators } = view;
  const more = named - indicators.length;
  return [
    `${ip} ${verdict}`,
    `As of ${asOf}, index ${indexVersion}; ${named} indicators name it, ${counting} count`,
    ...allowLists.map(({ name, action }) => `Under allow list ${name}: ${allowActionTexts[action]}`),
    '',
    ...indicators.flatMap((indicator) => [...indicatorLines(indicator), '']),
    ...(more > 0 ? [`and ${more} more that are not listed`, ''] : []),
    ...activityLines(view),
  ].map(printable);
}

/** What became of the indicators of each feed. */
export function feedLines(feeds: readonly FeedIntel[]): string[] {
  return feeds
    .map(({ source, held, indexed, skipped, unidentified, revocationsIgnored }) => {
      const counts = Object.entries(skipped).map(([reason, count]) => `${count} ${reason}`);
      const unlisted = unidentified === 0 ? '' : ` (${unidentified} without an id or a version: not listed)`;
      const ignored =
        revocationsIgnored === 0 ? '' : `; ${revocationsIgnored} revoked by the feed and not by its option`;
      return `${source}: ${held} held, ${indexed} indexed${counts.length === 0 ? '' : `; skipped ${list(counts)}`}${unlisted}${ignored}`;
    })
    .map(printable);
}

/** What is not indexed, a line each. */
export function skippedLines(items: readonly SkippedItem[]): string[] {
  const heads = ['FEED', 'ID', 'REASONS', 'MODIFIED', 'PATTERN'];
  const cells = items.map(({ source, id, reasons, modified, pattern }) => [
    source,
    id,
    list(reasons),
    modified,
    pattern,
  ]);
  return alignTable(heads, cells);
}
