import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Fault, faultOf } from './fault.ts';

/** An answer before faults are put on it. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** Whether it is of the type of objects, which is another one in TAXII 2.0. */
  readonly holdsObjects?: boolean;
}

/** A TAXII error resource (§3.6.1). */
export function errorReply(status: number, title: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers, body: { title, http_status: String(status) } };
}

/** Sends an answer, spoilt by the faults of its request. */
export async function sendReply(
  response: ServerResponse,
  reply: Reply,
  faults: readonly Fault[],
  { nowMs, type: ownType }: { readonly nowMs: number; readonly type: string },
): Promise<void> {
  const delay = faultOf(faults, 'delay');
  if (delay !== undefined) await sleep(delay.ms, undefined, { ref: false });
  if (faultOf(faults, 'disconnect') !== undefined) {
    response.destroy();
    return;
  }
  const bytes = bodyOf(reply, faults);
  const type = faultOf(faults, 'content-type');
  const headers: Record<string, string> = { date: new Date(nowMs).toUTCString(), ...reply.headers };
  if (type?.value !== null) headers['content-type'] = type?.value ?? ownType;
  response.sendDate = false;
  const status = reply.status === 200 && faultOf(faults, 'partial') !== undefined ? 206 : reply.status;
  response.writeHead(status, { ...headers, 'content-length': String(bytes.byteLength) });
  if (faultOf(faults, 'truncate') !== undefined) {
    response.write(bytes.subarray(0, Math.ceil(bytes.byteLength / 2)), () => response.destroy());
    return;
  }
  response.end(bytes);
}

function bodyOf(reply: Reply, faults: readonly Fault[]): Buffer {
  const text = faultOf(faults, 'body')?.text ?? JSON.stringify(reply.body);
  const padding = faultOf(faults, 'pad')?.bytes ?? 0;
  const bytes = Buffer.from(text.padEnd(padding, ' '));
  return faultOf(faults, 'half-body') === undefined ? bytes : bytes.subarray(0, Math.ceil(bytes.byteLength / 2));
}
