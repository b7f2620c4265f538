import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';

export interface RepositoryFile {
  /** Path under the root, with forward slashes. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly text: string;
}

/** Every file that is in the repository or would be added to it. */
export function repositoryFiles(): readonly RepositoryFile[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  return listed
    .split('\0')
    .filter((path) => path !== '' && existsSync(path))
    .map((path) => ({ path, sizeBytes: statSync(path).size, text: readFileSync(path, 'utf8') }));
}
