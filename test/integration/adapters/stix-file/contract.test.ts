import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStixFileFeed } from '../../../../src/adapters/stix-file/feed.ts';
import { indicatorFeedLaws } from '../../../contract/indicator-feed.ts';

indicatorFeedLaws('STIX file', async (objects) => {
  const folder = await mkdtemp(join(tmpdir(), 'stix-file-'));
  const path = join(folder, 'bundle.json');
  const held = [...objects];
  const write = (): Promise<void> =>
    writeFile(path, JSON.stringify({ type: 'bundle', id: 'bundle--1', objects: held }));
  await write();
  return {
    feed: createStixFileFeed({ name: 'disk', path }),
    add: async (added) => {
      held.push(...added);
      await write();
    },
    breakSource: () => rename(path, `${path}.gone`),
    mendSource: () => rename(`${path}.gone`, path),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
});
