import type { StateStore } from '../core/ports.ts';

const pattern = /^wanted-(\d+)$/;
const nothing = new Uint8Array([0]);

/**
 * Asks whoever polls the feeds for an index version beyond an ordinal that was committed once. Throws StateStoreError.
 */
export async function wantVersion(store: StateStore, ordinal: number): Promise<void> {
  await store.put(`wanted-${ordinal}`, nothing);
}

async function wantedOrdinals(store: StateStore): Promise<number[]> {
  return (await store.list()).map((name) => Number(pattern.exec(name)?.[1] ?? Number.NaN)).filter(Number.isFinite);
}

/** The greatest ordinal that some process asked for; null when none did. Throws StateStoreError. */
export async function wantedOrdinal(store: StateStore): Promise<number | null> {
  const ordinals = await wantedOrdinals(store);
  return ordinals.length === 0 ? null : Math.max(...ordinals);
}

/** Forgets what was asked for, up to an ordinal that was given. Throws StateStoreError. */
export async function deleteWanted(store: StateStore, upTo: number): Promise<void> {
  for (const ordinal of await wantedOrdinals(store)) if (ordinal <= upTo) await store.delete(`wanted-${ordinal}`);
}
