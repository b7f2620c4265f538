import type { FaultError, Faults } from './faults.ts';
import type { LinkSelection } from './link-table.ts';

/** Arguments that do not fit the fault. */
export class FaultCallError extends Error {
  override readonly name = 'FaultCallError';
}

type Arguments = Readonly<Record<string, unknown>>;

/** The faults by the name they have in `POST /faults/<name>`; arguments are the JSON body's members. */
const CALLS: Readonly<Record<string, (faults: Faults, args: Arguments) => unknown>> = {
  destroySockets: (faults) => faults.destroySockets(),
  closeConnections: (faults, args) => faults.closeConnections(errorOf(args)),
  detachReaders: (faults, args) => faults.detachReaders({ ...selectionOf(args), ...errorOf(args) }),
  detachReadersSilently: (faults, args) => faults.detachReadersSilently(selectionOf(args)),
  endSessions: (faults, args) => faults.endSessions(errorOf(args)),
  down: (faults) => faults.down(),
  up: (faults) => faults.up(),
  freeze: (faults) => faults.freeze(),
  thaw: (faults) => faults.thaw(),
  stall: (faults, args) => faults.stall(text(args, 'hub'), text(args, 'partition')),
  unstall: (faults, args) => faults.unstall(text(args, 'hub'), text(args, 'partition')),
  rejectSends: (faults, args) => faults.rejectSends({ ...errorOf(args), count: optionalNumber(args, 'count') }),
  acceptSends: (faults) => faults.acceptSends(),
  cbs: (faults, args) => faults.cbs(modeOf(args), errorOf(args)),
  management: (faults, args) => faults.management(modeOf(args), errorOf(args)),
  trim: (faults, args) => faults.trim(text(args, 'hub'), text(args, 'partition'), number(args, 'beginSequenceNumber')),
  reset: (faults, args) => faults.reset(text(args, 'hub')),
  redeliver: (faults, args) => faults.redeliver(selectionOf(args), number(args, 'events')),
  append: (faults, args) => appendAll(faults, args),
  readers: (faults, args) => faults.readers(selectionOf(args)),
};

/** Calls the fault with this name; resolves to what it answers. Throws FaultCallError on an unknown name or bad arguments. */
export async function callFault(faults: Faults, name: string, args: Arguments): Promise<unknown> {
  const call = Object.hasOwn(CALLS, name) ? CALLS[name] : undefined;
  if (call === undefined)
    throw new FaultCallError(`Cannot call fault ${name}: it is none of ${Object.keys(CALLS).join(', ')}`);
  return (await call(faults, args)) ?? null;
}

/** Appends `events`, each `{ partition, body | bodyBase64, enqueuedMs, partitionKey, properties }`; answers their numbers. */
function appendAll(faults: Faults, args: Arguments): number[] {
  const hub = text(args, 'hub');
  const events = args['events'];
  if (!Array.isArray(events)) throw unfit('events', events, 'an array');
  return events.map((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) throw unfit('events', entry, 'an array of objects');
    const event = entry as Arguments;
    const base64 = optionalText(event, 'bodyBase64');
    const body = base64 === undefined ? text(event, 'body') : Buffer.from(base64, 'base64');
    const enqueuedMs = optionalNumber(event, 'enqueuedMs');
    const partitionKey = optionalText(event, 'partitionKey');
    const properties = event['properties'] as Readonly<Record<string, string | number | boolean>> | undefined;
    return faults.append(hub, optionalText(event, 'partition') ?? null, body, {
      ...(enqueuedMs === undefined ? {} : { enqueuedMs }),
      ...(partitionKey === undefined ? {} : { partitionKey }),
      ...(properties === undefined ? {} : { properties }),
    });
  });
}

function selectionOf(args: Arguments): LinkSelection {
  return {
    hub: optionalText(args, 'hub'),
    group: optionalText(args, 'group'),
    partition: optionalText(args, 'partition'),
  };
}

function errorOf(args: Arguments): FaultError {
  return { condition: optionalText(args, 'condition'), description: optionalText(args, 'description') };
}

function modeOf(args: Arguments): 'answer' | 'mute' | number {
  const mode = args['mode'];
  if (mode === 'answer' || mode === 'mute' || typeof mode === 'number') return mode;
  throw unfit('mode', mode, 'answer, mute or a status');
}

function optionalText(args: Arguments, name: string): string | undefined {
  const value = args[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw unfit(name, value, 'text');
  return value;
}

function text(args: Arguments, name: string): string {
  const value = optionalText(args, name);
  if (value === undefined) throw unfit(name, value, 'text');
  return value;
}

function optionalNumber(args: Arguments, name: string): number | undefined {
  const value = args[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number') throw unfit(name, value, 'a number');
  return value;
}

function number(args: Arguments, name: string): number {
  const value = optionalNumber(args, name);
  if (value === undefined) throw unfit(name, value, 'a number');
  return value;
}

function unfit(name: string, value: unknown, wanted: string): FaultCallError {
  const current = value === undefined ? 'absent' : JSON.stringify(value);
  return new FaultCallError(`Cannot take ${name} as ${wanted}: current value is ${current}`);
}
