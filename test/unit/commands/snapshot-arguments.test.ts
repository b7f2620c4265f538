import { expect, test } from 'vitest';
import { readSnapshotArguments, type ReadSnapshotArguments } from '../../../src/commands/snapshot-arguments.ts';

const inspect = (manifest: 'current' | 'previous', json: boolean): ReadSnapshotArguments => ({
  action: 'inspect',
  manifest,
  json,
});

test.each<[string, ReadSnapshotArguments]>([
  ['inspect', inspect('current', false)],
  ['inspect --json', inspect('current', true)],
  ['inspect --manifest previous', inspect('previous', false)],
  ['inspect --manifest=previous --json', inspect('previous', true)],
  ['inspect --json --manifest current', inspect('current', true)],
  ['verify', { action: 'verify' }],
])('snapshot %s is read', (line, expected) => {
  expect(readSnapshotArguments(line.split(' '))).toEqual(expected);
});

test.each<[string, readonly string[]]>([
  ['', ['Cannot use snapshot without inspect or verify behind it: current value is none']],
  ['delete', ['Cannot use snapshot without inspect or verify behind it: current value is delete']],
  ['--json', ['Cannot use snapshot without inspect or verify behind it: current value is --json']],
  ['verify --json x', ['Cannot use --json as', 'Cannot use x as snapshot verify takes no options']],
  [
    'inspect --yaml extra --manifest next',
    [
      'Cannot use --yaml as there is no such option of snapshot inspect',
      'Cannot use extra as',
      'Cannot use --manifest as it is not current or previous: current value is next',
    ],
  ],
  ['inspect --manifest', ['Cannot use --manifest as it is not current or previous: current value is none']],
  ['inspect --manifest --json', ['Cannot use --manifest as it is not current or previous: current value is none']],
  ['inspect --manifest=', ['Cannot use --manifest as it is not current or previous']],
  ['inspect --manifest current --manifest previous', ['Cannot use --manifest as .* current value is current previous']],
])('snapshot %j is refused with all that is wrong', (line, expected) => {
  const read = readSnapshotArguments(line.split(' ').filter((word) => word !== ''));
  expect('problems' in read ? read.problems : []).toEqual(
    expected.map((text): unknown => expect.stringMatching(`^${text}`)),
  );
});
