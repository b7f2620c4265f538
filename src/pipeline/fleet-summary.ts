import type { Alert } from '../core/alert/alert.ts';
import type { FlushRecord, WindowItem } from './views.ts';
import type { WindowSummary } from './window-page.ts';

/** A window of a matched address, judged, with what it is ordered and filtered by. */
export interface SummarizedWindow extends Omit<WindowSummary, 'address' | 'ip' | 'caller' | 'matched'> {
  readonly item: WindowItem;
  /** Counts of the address miss what came before; null when they miss nothing. */
  readonly evictedUpToMs: number | null;
}

/** What a shard tells replicas that do not hold it, as plain data that JSON carries. Times are milliseconds since 1970. */
export interface FleetSummary {
  readonly shard: string;
  /** Name of the process that wrote it. */
  readonly owner: string;
  readonly takenMs: number;
  /** The first boundary that was not flushed. */
  readonly boundaryMs: number;
  /** The least watermark of the source partitions; null when one has none. */
  readonly watermarkMs: number | null;
  /** Events of its correlation partition that were enqueued and not taken; null when unknown. */
  readonly lagEvents: number | null;
  /** Sequence numbers taken, by origin. */
  readonly positions: readonly (readonly [string, number])[];
  /** Addresses held, and the bytes that they take. */
  readonly addresses: { readonly pinned: number; readonly candidates: number; readonly bytes: number };
  readonly warming: boolean;
  /** The newest first. */
  readonly windows: readonly SummarizedWindow[];
  /** How many windows of matched addresses found no room. */
  readonly leftOut: number;
  /** The newest first. */
  readonly alerts: readonly Alert[];
  /** The newest first. */
  readonly flushes: readonly FlushRecord[];
}

/** Bytes that are no summary, or one of another version. */
export class FleetSummaryError extends Error {
  override readonly name = 'FleetSummaryError';
}

const form = 'tidewatch-fleet-summary 1';
const encoder = new TextEncoder();

/** A line that tells the form, then JSON. */
export function encodeFleetSummary(summary: FleetSummary): Uint8Array {
  return encoder.encode(`${form}\n${JSON.stringify(summary)}`);
}

/** Reads what encodeFleetSummary() wrote; throws FleetSummaryError for anything else. */
export function decodeFleetSummary(bytes: Uint8Array): FleetSummary {
  const text = new TextDecoder().decode(bytes);
  const end = text.indexOf('\n');
  const seen = end < 0 ? text : text.slice(0, end);
  if (seen !== form)
    throw new FleetSummaryError(
      `Cannot read the summary of a shard: it begins with ${JSON.stringify(seen.slice(0, 40))}, and not with ${form}`,
    );
  try {
    return JSON.parse(text.slice(end + 1)) as FleetSummary;
  } catch (cause) {
    throw new FleetSummaryError('Cannot read the summary of a shard as it is no JSON', { cause });
  }
}
