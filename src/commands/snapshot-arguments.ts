import type { ManifestName } from '../pipeline/snapshot-head.ts';

export type SnapshotArguments =
  | { readonly action: 'inspect'; readonly manifest: ManifestName; readonly json: boolean }
  | { readonly action: 'verify' };

export type ReadSnapshotArguments = SnapshotArguments | { readonly problems: readonly string[] };

const manifestOption = '--manifest';

/** Reads the command line of `snapshot`, or tells all of its problems at once. */
export function readSnapshotArguments([action, ...options]: readonly string[]): ReadSnapshotArguments {
  if (action !== 'inspect' && action !== 'verify')
    return {
      problems: [`Cannot use snapshot without inspect or verify behind it: current value is ${action ?? 'none'}`],
    };
  if (action === 'inspect') return readInspect(options);
  const problems = options.map((option) => `Cannot use ${option} as snapshot verify takes no options`);
  return problems.length > 0 ? { problems } : { action };
}

function readInspect(options: readonly string[]): ReadSnapshotArguments {
  const problems: string[] = [];
  let json = false;
  const manifests: (string | undefined)[] = [];
  const left = [...options];
  for (let option = left.shift(); option !== undefined; option = left.shift()) {
    if (option === '--json') json = true;
    else if (option === manifestOption) manifests.push(left[0]?.startsWith('--') === true ? undefined : left.shift());
    else if (option.startsWith(`${manifestOption}=`)) manifests.push(option.slice(manifestOption.length + 1));
    else problems.push(`Cannot use ${option} as there is no such option of snapshot inspect`);
  }
  const [manifest = 'current'] = manifests;
  const isManifest = manifest === 'current' || manifest === 'previous';
  if (!isManifest || manifests.length > 1 || manifests.includes(undefined)) {
    const seen = manifests.map((each) => each ?? 'none').join(' ');
    problems.push(`Cannot use ${manifestOption} as it is not current or previous: current value is ${seen}`);
  }
  return problems.length > 0 || !isManifest ? { problems } : { action: 'inspect', manifest, json };
}
