import { tlpLevels, type Tlp } from '../../../src/core/intel/indicator.ts';
import type { StixObject } from '../../../src/core/intel/stix-object.ts';

export function textField(object: StixObject, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : '';
}

export function listField(object: StixObject, key: string): string[] {
  const value = object[key];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** JSON text of a list, "" when it is absent, as `tostring()` of a dynamic column gives it. */
export function listText(object: StixObject, key: string): string {
  const list = listField(object, key);
  return list.length === 0 ? '' : JSON.stringify(list);
}

/** Milliseconds of a STIX timestamp with any number of fraction digits, null when absent. */
export function timeField(object: StixObject, key: string): number | null {
  const parts = /^([\d-]+T[\d:]+)(\.\d+)?Z$/.exec(textField(object, key));
  return parts === null ? null : Date.parse(`${parts[1]!}Z`) + Number(`0${parts[2] ?? ''}`) * 1000;
}

export function confidenceField(object: StixObject): number | null {
  const value = object['confidence'];
  return typeof value === 'number' ? value : null;
}

/** The marking definitions that STIX 2.1 §7.2.1.4 and the TLP 2.0 extension fix. */
export const tlpMarkings: Readonly<Record<string, Tlp>> = {
  'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9': 'CLEAR',
  'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da': 'GREEN',
  'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82': 'AMBER',
  'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed': 'RED',
  'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487': 'CLEAR',
  'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb': 'GREEN',
  'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421': 'AMBER',
  'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003': 'AMBER+STRICT',
  'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1': 'RED',
};

/** The strictest of some markings, "" without any. */
export function strictest(levels: readonly Tlp[]): Tlp {
  return tlpLevels.find((level) => levels.includes(level)) ?? '';
}

export function tlpField(object: StixObject): Tlp {
  return strictest(listField(object, 'object_marking_refs').map((id) => tlpMarkings[id] ?? ''));
}
