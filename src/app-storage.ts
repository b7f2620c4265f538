import { BlobDeadLetterStore } from './adapters/blob/dead-letter-store.ts';
import { openExistingContainer, type ContainerClient } from './adapters/blob/container.ts';
import { BlobLeaseRecord } from './adapters/blob/lease-record.ts';
import { BlobStateStore } from './adapters/blob/state-store.ts';
import { FileDeadLetterStore } from './adapters/file/dead-letter-store.ts';
import { FileLeaseRecord } from './adapters/file/lease-record.ts';
import { FileStateStore } from './adapters/file/state-store.ts';
import { realTime, systemClock } from './adapters/system/clock.ts';
import { compress, decompress } from './adapters/system/compression.ts';
import { digest, sha256Bytes } from './adapters/system/digest.ts';
import { storageOf } from './app-connections.ts';
import type { Config, StateConfig } from './config/config.ts';
import type { DeadLetterStore, Lease, Log, SourceError, StateStore } from './core/ports.ts';
import { leaseName } from './core/state/blob-name.ts';
import { KeptLease } from './pipeline/kept-lease.ts';
import type { StateCodec } from './pipeline/state-owner.ts';

/** A state and the lease on it. */
export interface StatePlace {
  readonly store: StateStore;
  readonly lease: Lease;
}

/** What comes after the first colon of a place such as blob:PREFIX or file:FOLDER. */
function placeOf(text: string): string {
  return text.slice(text.indexOf(':') + 1);
}

function isFolder(text: string): boolean {
  return text.startsWith('file:');
}

/** Where dead letters are kept. */
export function deadLettersAt(text: string, maxBytes: number, container: ContainerClient): DeadLetterStore {
  const place = placeOf(text);
  if (isFolder(text)) return new FileDeadLetterStore(place, maxBytes);
  return new BlobDeadLetterStore(container, place, maxBytes);
}

/** How the blobs of the state are packed and told from damaged ones. */
export const stateCodec: StateCodec = { compress, decompress, sha256: sha256Bytes, digest };

/** Opens the stored state to look at it: takes nothing over and creates nothing. A folder needs no storage account. */
export async function openState(config: StateConfig): Promise<StateStore | SourceError> {
  const place = placeOf(config.state);
  if (isFolder(config.state)) return new FileStateStore(place);
  const clock = systemClock({ speed: 1, originMs: 0 });
  const opened = await openExistingContainer(storageOf(config), config.storageContainer, clock);
  return opened.ok ? new BlobStateStore(opened.container, place) : opened.error;
}

/** What the names of all blobs of STATE begin with. */
export function prefixOf({ state }: Pick<Config, 'state'>): string {
  return placeOf(state);
}

/** Where a state is kept, and the lease on it: at the place of STATE, or in a folder beneath it. */
export function stateAt(
  config: Config,
  owner: string,
  container: ContainerClient,
  log: Log,
  { folder = '', ...seizing }: { readonly folder?: string; readonly seizeAfterMs?: number } = {},
): StatePlace {
  const place = `${placeOf(config.state)}${folder}`;
  const { leaseDuration: durationMs } = config;
  const holder = { identifier: owner, durationMs, realTime };
  const { store, record } = isFolder(config.state)
    ? { store: new FileStateStore(place), record: new FileLeaseRecord(place, holder) }
    : {
        store: new BlobStateStore(container, place),
        record: new BlobLeaseRecord(container, `${place}${leaseName}`, holder),
      };
  return { store, lease: new KeptLease(record, { durationMs, realTime, log, ...seizing }) };
}
