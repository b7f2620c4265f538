import { openState, stateCodec } from '../app-storage.ts';
import { loadStateConfig, type StateConfig } from '../config/config.ts';
import { likelyMisspellings } from '../config/unknown-names.ts';
import { StateStoreError, type StateStore } from '../core/ports.ts';
import { HeadError } from '../pipeline/manifest.ts';
import type { ManifestName } from '../pipeline/snapshot-head.ts';
import { inspectSnapshot } from '../pipeline/snapshot-report.ts';
import { verifySnapshot } from '../pipeline/snapshot-verification.ts';
import { readSnapshotArguments, type SnapshotArguments } from './snapshot-arguments.ts';
import { damagedHeadTable, inspectTable, verifyTable } from './snapshot-table.ts';
import { configurationExitCode, unavailableExitCode, unreadableExitCode, usage, usageExitCode } from './usage.ts';

function print(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

function complain(lines: readonly string[]): void {
  process.stderr.write(lines.map((line) => `${line}\n`).join(''));
}

/** Shows what is stored of the state, or reads all of it, without touching it. The exit code. */
export async function snapshot(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(usage('--help'));
    return 0;
  }
  const options = readSnapshotArguments(args);
  if ('problems' in options) {
    process.stderr.write(`${options.problems.join('\n')}\n\n${usage('--help')}`);
    return usageExitCode;
  }
  const { config, problems, unknown } = loadStateConfig(process.env);
  complain(likelyMisspellings(unknown));
  if (config === null) {
    complain(problems);
    return configurationExitCode;
  }
  return look(options, config);
}

async function look(options: SnapshotArguments, config: StateConfig): Promise<number> {
  const store = await openState(config);
  if ('code' in store) {
    complain([store.message]);
    return unavailableExitCode;
  }
  const place =
    config.storageContainer === '' ? config.state : `${config.state} in container ${config.storageContainer}`;
  try {
    return options.action === 'verify' ? await verify(store, place) : await inspect(store, place, options);
  } catch (error) {
    if (!(error instanceof StateStoreError)) throw error;
    complain([error.message]);
    return unavailableExitCode;
  }
}

async function inspect(
  store: StateStore,
  place: string,
  { manifest, json }: { readonly manifest: ManifestName; readonly json: boolean },
): Promise<number> {
  try {
    const report = await inspectSnapshot(store, stateCodec, manifest);
    print(json ? [JSON.stringify(report, null, 2)] : inspectTable(report, place));
    return report.problem === null ? 0 : unreadableExitCode;
  } catch (error) {
    if (!(error instanceof HeadError)) throw error;
    complain([error.message]);
    return unreadableExitCode;
  }
}

async function verify(store: StateStore, place: string): Promise<number> {
  try {
    const verification = await verifySnapshot(store, stateCodec);
    print(verifyTable(verification, place));
    return verification.blobs.every(({ fault }) => fault === null) ? 0 : unreadableExitCode;
  } catch (error) {
    if (!(error instanceof HeadError)) throw error;
    print(damagedHeadTable(error.message));
    return unreadableExitCode;
  }
}
