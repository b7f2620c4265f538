import type { StixObject } from '../../core/intel/stix-object.ts';
import { Random } from './random.ts';

/** Fixed ids of the TLP markings: STIX 2.1 §7.2.1.4, and the TLP 2.0 extension of the OASIS common objects. */
export const tlpMarkings = {
  white: 'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9',
  green: 'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da',
  amber: 'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82',
  red: 'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed',
  clear2: 'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487',
  green2: 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb',
  amber2: 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421',
  amberStrict2: 'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003',
  red2: 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1',
} as const;
export type TlpMarking = keyof typeof tlpMarkings;

export interface IndicatorFields {
  readonly name: string;
  readonly description?: string;
  readonly pattern: string;
  readonly types?: readonly string[];
  readonly labels?: readonly string[];
  /** 0 to 100; absent when the producer scores nothing. */
  readonly confidence?: number;
  readonly tlp?: TlpMarking;
  readonly createdMs: number;
  readonly validUntilMs?: number;
  readonly revoked?: boolean;
}

/** Writes STIX 2.1 objects of one producer; ids follow from the key alone. */
export class StixAuthor {
  readonly identity: StixObject;
  readonly #random: Random;
  readonly #identityId: string;

  constructor(key: string, name: string, createdMs: number) {
    this.#random = new Random(`stix/${key}`);
    this.#identityId = `identity--${this.#random.uuid()}`;
    this.identity = {
      type: 'identity',
      spec_version: '2.1',
      id: this.#identityId,
      created: stixTime(createdMs),
      modified: stixTime(createdMs),
      name,
      identity_class: 'organization',
    };
  }

  indicator(fields: IndicatorFields): StixObject {
    const created = stixTime(fields.createdMs);
    return {
      ...this.#common('indicator', fields.createdMs),
      name: fields.name,
      ...(fields.description === undefined ? {} : { description: fields.description }),
      ...(fields.types === undefined ? {} : { indicator_types: fields.types }),
      pattern: fields.pattern,
      pattern_type: 'stix',
      pattern_version: '2.1',
      valid_from: created,
      ...(fields.validUntilMs === undefined ? {} : { valid_until: stixTime(fields.validUntilMs) }),
      ...(fields.labels === undefined ? {} : { labels: fields.labels }),
      ...(fields.confidence === undefined ? {} : { confidence: fields.confidence }),
      ...(fields.revoked === true ? { revoked: true } : {}),
      ...(fields.tlp === undefined ? {} : { object_marking_refs: [tlpMarkings[fields.tlp]] }),
    };
  }

  intrusionSet(name: string, createdMs: number): StixObject {
    return { ...this.#common('intrusion-set', createdMs), name, resource_level: 'organization' };
  }

  malware(name: string, createdMs: number): StixObject {
    return { ...this.#common('malware', createdMs), name, is_family: true, malware_types: ['resource-exploitation'] };
  }

  /** A relationship `indicates` from an indicator to what it is a sign of. */
  indicates(indicator: StixObject, target: StixObject, createdMs: number): StixObject {
    return {
      ...this.#common('relationship', createdMs),
      relationship_type: 'indicates',
      source_ref: indicator['id'],
      target_ref: target['id'],
    };
  }

  #common(type: string, createdMs: number): StixObject {
    return {
      type,
      spec_version: '2.1',
      id: `${type}--${this.#random.uuid()}`,
      created_by_ref: this.#identityId,
      created: stixTime(createdMs),
      modified: stixTime(createdMs),
    };
  }
}

/** A newer version of an object, which replaces it. */
export function revised(object: StixObject, modifiedMs: number, changes: StixObject): StixObject {
  return { ...object, ...changes, modified: stixTime(modifiedMs) };
}

/** A timestamp of STIX: UTC with milliseconds. */
export function stixTime(ms: number): string {
  return new Date(ms).toISOString();
}
