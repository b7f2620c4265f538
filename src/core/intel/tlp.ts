import { type Tlp, tlpLevels } from './indicator.ts';
import type { StixObject } from './stix-object.ts';

/**
 * The markings whose ids are fixed: TLP 1 by STIX 2.1 section 7.2.1.4, TLP 2 by OASIS extension definition
 * 60a3c5c5-0d10-413e-aab3-9e08dde9e88d (tlp-2.0).
 */
const fixedMarkings: ReadonlyMap<string, Tlp> = new Map([
  ['marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9', 'CLEAR'],
  ['marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da', 'GREEN'],
  ['marking-definition--f88d31f6-486f-44da-b317-01333bde0b82', 'AMBER'],
  ['marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed', 'RED'],
  ['marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487', 'CLEAR'],
  ['marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb', 'GREEN'],
  ['marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421', 'AMBER'],
  ['marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003', 'AMBER+STRICT'],
  ['marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1', 'RED'],
]);

const tlp2Extension = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d';

/** Reads a level however it is written: "TLP:AMBER+STRICT", "tlp:white", "amber"; "" when it names none. */
export function parseTlp(value: unknown): Tlp {
  if (typeof value !== 'string') return '';
  const level = value
    .trim()
    .toUpperCase()
    .replace(/^TLP[\s:_-]*/, '')
    .replace(/^AMBER[\s_-]+STRICT$/, 'AMBER+STRICT');
  return level === 'WHITE' ? 'CLEAR' : (tlpLevels.find((known) => known === level) ?? '');
}

/** The level of a marking by its fixed id, "" when the id is not one of them. */
export function tlpOfMarkingId(id: string): Tlp {
  return fixedMarkings.get(id) ?? '';
}

/** The fixed id of a level, of TLP 1 where it has one, which every consumer knows; null for none. */
export function markingIdOf(level: string): string | null {
  return [...fixedMarkings].find(([, known]) => known === level)?.[0] ?? null;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as StixObject)[name] : undefined;
}

/** The level that a marking-definition of a feed states, "" when it is no TLP marking. */
export function tlpOfMarkingDefinition(object: StixObject): Tlp {
  return strictestTlp([
    parseTlp(member(member(object['extensions'], tlp2Extension), 'tlp_2_0')),
    parseTlp(member(object['definition'], 'tlp')),
    /^tlp/i.test(String(object['name'])) ? parseTlp(object['name']) : '',
  ]);
}

/** The most restrictive of several levels: RED > AMBER+STRICT > AMBER > GREEN > CLEAR > none. */
export function strictestTlp(levels: readonly Tlp[]): Tlp {
  return levels.length === 0 ? '' : (tlpLevels.find((level) => levels.includes(level)) ?? '');
}
