import type { InputPart, InputParts } from '../../src/core/input-part.ts';
import type { KqlTables } from '../../src/core/kql/kql-tables.ts';
import { type AllowLists, noAllowLists } from '../../src/core/intel/allow-lists.ts';
import type { SourceSettings } from '../../src/core/intel/indicator-reader.ts';
import type { StixObject } from '../../src/core/intel/stix-object.ts';
import { HOUR_MS } from '../../src/core/time.ts';
import { ReplayIntelligence } from '../../src/pipeline/replay-intelligence.ts';
import { letterTables } from '../../src/pipeline/replay-letter.ts';
import type { ReplayNotes } from '../../src/pipeline/replay-notes.ts';
import { ReplayRecordReader } from '../../src/pipeline/replay-records.ts';
import type { ReplayInput, ReplayRule } from '../../src/pipeline/replay.ts';
import { excludedSet, sha256, usualLinks, usualPolicy } from './engine-builder.ts';

export const replaySource: SourceSettings = {
  name: 'dev',
  defaultConfidence: null,
  tlp: '',
  maxAgeMs: 365 * 24 * HOUR_MS,
  useDstRef: false,
  allowRedDescription: true,
};

/** The rule as the service has it by default. */
export const defaultRule: ReplayRule = {
  lookbackMs: 24 * HOUR_MS,
  hopMs: HOUR_MS,
  minConfidence: 75,
  excluded: excludedSet(['0.0.0.0/8', '10.0.0.0/8', '127.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16']),
  statuses: ['Success'],
  streams: new Set(['activity', 'sign_in', 'service_principal']),
  deduplicate: true,
  repeats: false,
  severityPolicy: usualPolicy,
  links: usualLinks,
};

/** Keeps what a replay says. */
export class KeptNotes implements ReplayNotes {
  readonly problems: string[] = [];
  readonly notes: string[] = [];

  problem(text: string): void {
    this.problems.push(text);
  }

  note(text: string): void {
    this.notes.push(text);
  }

  progress(): void {
    // Nobody watches.
  }
}

/** A file of one document a line, read as one batch. */
export async function* fileOf(bodies: readonly (Uint8Array | string)[], file = 'records.ndjson'): InputParts {
  await Promise.resolve();
  yield bodies.map((body, index): InputPart => {
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    return { kind: 'document', file, line: index + 1, lastLine: index + 1, body: bytes };
  });
}

export interface ReplaySetting {
  readonly bodies: readonly (Uint8Array | string)[];
  readonly objects: readonly StixObject[];
  readonly rule?: ReplayRule;
  readonly asOf?: boolean;
  readonly source?: SourceSettings;
  readonly allowLists?: AllowLists;
}

export interface PreparedReplay extends ReplayInput {
  readonly tables: KqlTables;
  readonly said: KeptNotes;
}

/** Reads bodies and indicators as the command does. */
export async function prepareReplay(setting: ReplaySetting): Promise<PreparedReplay> {
  const {
    bodies,
    objects,
    rule = defaultRule,
    asOf = false,
    source = replaySource,
    allowLists = noAllowLists,
  } = setting;
  const said = new KeptNotes();
  const tables = letterTables(objects, source, rule);
  const reader = new ReplayRecordReader(({ address }) => tables.names(address), said);
  await reader.read(fileOf(bodies));
  const { minConfidence, excluded } = rule;
  const options = { source, minConfidence, excluded, asOf, refreshMs: 60_000 };
  const intelligence = new ReplayIntelligence(objects, options);
  return { ...reader.result(), rule, intelligence, allowLists, digest: sha256, tables, said };
}
