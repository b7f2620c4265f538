import type { Observation, Risk, SignInKind } from '../observation.ts';
import type { Deferred } from '../window/deferred.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { readAddress, readTime, writeAddress, writeTime } from './window-codec.ts';

const activityTexts = ['caller', 'operation', 'subscriptionId', 'resourceGroup', 'resourceId'] as const;

/** Writes an observation that waits for its flush. */
export function writeDeferred(writer: ByteWriter, { observation, dueAt }: Deferred): void {
  writer.number(dueAt);
  writeObservation(writer, observation);
}

export function readDeferred(reader: ByteReader): Deferred {
  const dueAt = reader.number();
  return { observation: readObservation(reader), dueAt };
}

export function writeObservation(writer: ByteWriter, observation: Observation): void {
  writer.text(observation.kind);
  writeAddress(writer, observation.address);
  writeTime(writer, observation.time);
  writer.boolean(observation.undated);
  writer.boolean(observation.identity !== null);
  if (observation.identity !== null) writer.units(observation.identity);
  writer.text(observation.objectId);
  if (observation.kind === 'activity') for (const name of activityTexts) writer.text(observation[name]);
  else for (const text of [observation.principal, observation.app, observation.risk]) writer.text(text);
}

export function readObservation(reader: ByteReader): Observation {
  const kind = reader.text();
  const address = readAddress(reader);
  const time = readTime(reader);
  const undated = reader.boolean();
  const identity = reader.boolean() ? reader.units() : null;
  const objectId = reader.text();
  const common = { address, time, undated, identity, objectId };
  return kind === 'activity' ? activityOf(reader, common) : signInOf(reader, kind, common);
}

type Common = Pick<Observation, 'address' | 'time' | 'undated' | 'identity' | 'objectId'>;

function activityOf(reader: ByteReader, common: Common): Observation {
  const [caller = '', operation = '', subscriptionId = '', resourceGroup = '', resourceId = ''] = activityTexts.map(
    () => reader.text(),
  );
  return { kind: 'activity', ...common, caller, operation, subscriptionId, resourceGroup, resourceId };
}

function signInOf(reader: ByteReader, kind: string, common: Common): Observation {
  const principal = reader.text();
  const app = reader.text();
  return { kind: kind as SignInKind, ...common, principal, app, risk: reader.text() as Risk };
}
