import type { Address } from '../address.ts';
import { fold, type Risk, type SignInKind } from '../observation.ts';
import { eventTime, type EventTime } from '../time.ts';
import { ActivityPane } from '../window/activity-pane.ts';
import { AddressWindows, type Panes } from '../window/address-windows.ts';
import type { EarliestSet, Member } from '../window/earliest-set.ts';
import { principalSet, SignInPane } from '../window/sign-in-pane.ts';
import { type ByteReader, DecodeError } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

const kinds: readonly SignInKind[] = ['user', 'service-principal', 'non-interactive', 'managed-identity'];
const risks: readonly Risk[] = ['', 'unknown', 'hidden', 'none', 'low', 'medium', 'high'];

function at<Item>(items: readonly Item[], index: number): Item {
  const item = items[index];
  if (item === undefined) throw new DecodeError(`Cannot read item ${index} as there are only ${items.length}`);
  return item;
}

export function writeAddress(writer: ByteWriter, address: Address): void {
  writer.boolean(typeof address === 'bigint');
  if (typeof address === 'bigint') writer.singleText(address.toString(16));
  else writer.unsigned(address);
}

function addressOf(text: string): bigint {
  if (!/^[0-9a-f]{1,32}$/.test(text)) throw new DecodeError(`Cannot read an address: current value is ${text}`);
  return BigInt(`0x${text}`);
}

export function readAddress(reader: ByteReader): Address {
  return reader.boolean() ? addressOf(reader.singleText()) : reader.unsigned();
}

export function writeTime(writer: ByteWriter, time: EventTime): void {
  writer.number(time.ms);
  writer.unsigned(time.ticks);
}

export function readTime(reader: ByteReader): EventTime {
  const ms = reader.number();
  return eventTime(ms, reader.unsigned());
}

function writeOptional<Value>(writer: ByteWriter, value: Value | null, write: (value: Value) => void): void {
  writer.boolean(value !== null);
  if (value !== null) write(value);
}

function readOptional<Value>(reader: ByteReader, read: () => Value): Value | null {
  return reader.boolean() ? read() : null;
}

function writeMember(writer: ByteWriter, { time, form }: Member): void {
  writeTime(writer, time);
  writer.text(form);
}

function readMember(reader: ByteReader): Member {
  const time = readTime(reader);
  return { time, form: reader.text() };
}

function writeSet(writer: ByteWriter, set: EarliestSet): void {
  writer.unsigned(set.size);
  for (const member of set.members()) writeMember(writer, member);
}

function readSet(reader: ByteReader, set: EarliestSet): void {
  for (let left = reader.count(); left > 0; left -= 1) {
    const { form, time } = readMember(reader);
    set.add(form, time);
  }
}

function writeActivityPane(writer: ByteWriter, pane: ActivityPane): void {
  writer.unsigned(pane.identities.size);
  for (const identity of pane.identities) writer.units(identity);
  writer.unsigned(pane.anonymous);
  writer.boolean(pane.inexact);
  writeOptional(writer, pane.first, (time) => writeTime(writer, time));
  writeOptional(writer, pane.last, (time) => writeTime(writer, time));
  writeOptional(writer, pane.caller, (member) => writeMember(writer, member));
  for (const set of [pane.operations, pane.subscriptionIds, pane.resourceGroups, pane.resources, pane.objectIds])
    writeSet(writer, set);
  writer.unsigned(pane.added);
  writer.unsigned(pane.addedLate);
}

function readActivityPane(reader: ByteReader): ActivityPane {
  const pane = new ActivityPane();
  for (let left = reader.count(); left > 0; left -= 1) pane.identities.add(reader.units());
  pane.anonymous = reader.unsigned();
  pane.inexact = reader.boolean();
  pane.first = readOptional(reader, () => readTime(reader));
  pane.last = readOptional(reader, () => readTime(reader));
  pane.caller = readOptional(reader, () => readMember(reader));
  for (const set of [pane.operations, pane.subscriptionIds, pane.resourceGroups, pane.resources, pane.objectIds])
    readSet(reader, set);
  pane.added = reader.unsigned();
  pane.addedLate = reader.unsigned();
  return pane;
}

function writeSignInPane(writer: ByteWriter, pane: SignInPane): void {
  const keys = [...pane.principals.keys()];
  const numbers = new Map(keys.map((key, index) => [key, index]));
  writer.unsigned(keys.length);
  for (const [key, principal] of pane.principals) {
    writer.text(key);
    writer.text(principal.objectId);
    writeSet(writer, principal.names);
    writeOptional(writer, principal.app, (member) => writeMember(writer, member));
    writeTime(writer, principal.first);
    writeTime(writer, principal.last);
  }
  // A key beyond the bound on principals has no number; it is written out.
  const writeKey = (key: string): void => {
    const number = numbers.get(key);
    writer.unsigned(number === undefined ? 0 : number + 1);
    if (number === undefined) writer.text(key);
  };
  writer.unsigned(pane.identities.size);
  for (const [identity, key] of pane.identities) {
    writer.units(identity);
    writeKey(key);
  }
  writer.unsigned(pane.anonymous.size);
  for (const [key, count] of pane.anonymous) {
    writeKey(key);
    writer.unsigned(count);
  }
  writer.boolean(pane.overflowed);
  writer.boolean(pane.inexact);
  writeSet(writer, pane.names);
  writer.unsigned(risks.indexOf(pane.risk));
  writer.unsigned(pane.added);
  writer.unsigned(pane.addedLate);
}

function readSignInPane(reader: ByteReader): SignInPane {
  const pane = new SignInPane();
  const keys: string[] = [];
  for (let left = reader.count(); left > 0; left -= 1) {
    const key = reader.text();
    keys.push(key);
    const objectId = reader.text();
    const names = principalSet();
    readSet(reader, names);
    const app = readOptional(reader, () => readMember(reader));
    const first = readTime(reader);
    pane.principals.set(key, { objectId, names, app, first, last: readTime(reader) });
  }
  const readKey = (): string => {
    const number = reader.unsigned();
    return number === 0 ? reader.text() : at(keys, number - 1);
  };
  for (let left = reader.count(); left > 0; left -= 1) {
    const identity = reader.units();
    pane.identities.set(identity, readKey());
  }
  for (let left = reader.count(); left > 0; left -= 1) {
    const key = readKey();
    pane.anonymous.set(key, reader.unsigned());
  }
  pane.overflowed = reader.boolean();
  pane.inexact = reader.boolean();
  readSet(reader, pane.names);
  pane.risk = at(risks, reader.unsigned());
  pane.added = reader.unsigned();
  pane.addedLate = reader.unsigned();
  return pane;
}

function writePanes<Pane>(writer: ByteWriter, panes: Panes<Pane>, write: (pane: Pane) => void): void {
  writer.unsigned(panes.size);
  for (const [end, pane] of panes) {
    writer.number(end);
    write(pane);
  }
}

function readPanes<Pane>(reader: ByteReader, panes: Panes<Pane>, read: () => Pane): void {
  for (let left = reader.count(); left > 0; left -= 1) {
    const end = reader.number();
    panes.set(end, read());
  }
}

/** Writes the callers, overflow and sign-ins of one address. */
export function writeWindows(writer: ByteWriter, windows: AddressWindows): void {
  writer.unsigned(windows.callers.size);
  for (const [caller, panes] of windows.callers) {
    writer.text(caller);
    writePanes(writer, panes, (pane) => writeActivityPane(writer, pane));
  }
  writePanes(writer, windows.overflow, (pane) => writeActivityPane(writer, pane));
  writer.unsigned(windows.signIns.size);
  for (const [kind, panes] of windows.signIns) {
    writer.unsigned(kinds.indexOf(kind));
    writePanes(writer, panes, (pane) => writeSignInPane(writer, pane));
  }
}

export function readWindows(reader: ByteReader, address: Address): AddressWindows {
  const windows = new AddressWindows(address);
  for (let left = reader.count(); left > 0; left -= 1) {
    const panes: Panes<ActivityPane> = new Map();
    windows.callers.set(fold(reader.text()), panes);
    readPanes(reader, panes, () => readActivityPane(reader));
  }
  readPanes(reader, windows.overflow, () => readActivityPane(reader));
  for (let left = reader.count(); left > 0; left -= 1) {
    const panes: Panes<SignInPane> = new Map();
    windows.signIns.set(at(kinds, reader.unsigned()), panes);
    readPanes(reader, panes, () => readSignInPane(reader));
  }
  windows.recount();
  return windows;
}
