import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bannedTexts } from './banned-text.ts';
import { repositoryFiles, type RepositoryFile } from './repository.ts';

const linesMax = 300;
const readmeLinesMax = 150;
const largestBytes = 1024 ** 2;

const files = repositoryFiles();
const code = files.filter(({ path }) => /^(src|test)\/.*\.ts$/.test(path));
const markdown = files.filter(({ path }) => path.endsWith('.md'));
const sources = code.filter(({ path }) => path.startsWith('src/'));

function lineCount({ text }: Pick<RepositoryFile, 'text'>): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

/** Places of a pattern, as path:line. */
function placesOf(pattern: RegExp, { path, text }: Pick<RepositoryFile, 'path' | 'text'>): string[] {
  return text
    .split('\n')
    .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : []));
}

/** Titles of a page: first-level headings outside of code blocks. */
function titlesOf(text: string): string[] {
  return text.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '').match(/^# .*$/gm) ?? [];
}

describe('no file has', () => {
  // The rules show what they ban, so the file that declares them is not read.
  const read = files.filter(({ path }) => path !== 'test/architecture/banned-text.ts');
  test.each(bannedTexts.map((rule) => [rule.name, rule] as const))('%s', (_name, { pattern, instead, where }) => {
    const places = read.filter(({ path }) => where(path)).flatMap((file) => placesOf(pattern, file));
    expect(places, `Write instead: ${instead}`).toEqual([]);
  });

  test.each(bannedTexts.map((rule) => [rule.name, rule] as const))(
    'a rule against %s that finds nothing',
    (_name, { pattern, where, bad, good }) => {
      expect(placesOf(pattern, { path: 'x.ts', text: bad })).toHaveLength(1);
      expect(placesOf(pattern, { path: 'x.ts', text: good })).toEqual([]);
      expect(files.filter(({ path }) => where(path)).length).toBeGreaterThan(0);
    },
  );
});

describe('code', () => {
  test(`has no file over ${linesMax} lines`, () => {
    expect(code.filter((file) => lineCount(file) > linesMax).map(({ path }) => path)).toEqual([]);
  });

  test('has a median file under 100 lines', () => {
    const counts = sources.map(lineCount).sort((a, b) => a - b);
    expect(counts[Math.floor(counts.length / 2)]).toBeLessThan(100);
  });

  test('names files and folders after what they hold', () => {
    const vague = /(^|\/)(common|misc|shared|stuff|types|index)(\/|\.ts$)|(^|[/-])(utils?|helpers?)(\/|\.ts$)/;
    expect(vague.test('src/core/utils/pane.ts') && vague.test('src/core/index.ts')).toBe(true);
    expect(vague.test('src/core/intel/index-version.ts')).toBe(false);
    expect(code.map(({ path }) => path).filter((path) => vague.test(path))).toEqual([]);
  });

  test('is named in lower case with hyphens', () => {
    expect(code.map(({ path }) => path).filter((path) => !/^[a-z0-9/.-]+$/.test(path))).toEqual([]);
  });
});

describe('a page', () => {
  test.each(markdown.map(({ path, text }) => [path, text] as const))(
    '%s has one title and ends with a newline',
    (_path, text) => {
      expect(titlesOf(text)).toHaveLength(1);
      expect(text).toMatch(/[^\n]\n$/);
    },
  );

  test('is judged by the headings outside of its code blocks', () => {
    expect(titlesOf('# One\n\n```sh\n# not this\n```\n')).toEqual(['# One']);
    expect(titlesOf('# One\n\n# Two\n')).toHaveLength(2);
  });

  test.each(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'])('%s is there', (path) => {
    expect(markdown.map((file) => file.path)).toContain(path);
  });

  test(`README.md has at most ${readmeLinesMax} lines`, () => {
    const readme = files.find(({ path }) => path === 'README.md');
    expect(lineCount(readme ?? { text: '\n'.repeat(1000) })).toBeLessThanOrEqual(readmeLinesMax);
  });

  test('every link to a file of the repository finds it', () => {
    const paths = new Set(files.map(({ path }) => path));
    const folders = new Set(
      files.flatMap(({ path }) => path.split('/').map((_, index, parts) => parts.slice(0, index).join('/'))),
    );
    const broken = markdown.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map(([, target = '']) => new URL(target, `file:///${path}`).pathname.slice(1).replace(/\/$/, ''))
        .filter((target) => !paths.has(target) && !folders.has(target))
        .map((target) => `${path} → ${target}`),
    );
    expect(broken).toEqual([]);
  });
});

describe('the repository', () => {
  test('has a heading in the changelog for the version of package.json', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    const changelog = files.find(({ path }) => path === 'CHANGELOG.md')?.text ?? '';
    expect(changelog).toMatch(new RegExp(`^## \\[?${version.replaceAll('.', String.raw`\.`)}\\]?( |$)`, 'm'));
  });

  test('has no large file', () => {
    const large = files.filter(({ path, sizeBytes }) => path !== 'package-lock.json' && sizeBytes > largestBytes);
    expect(large.map(({ path }) => path)).toEqual([]);
  });

  test('ends every text file with one newline and uses no carriage returns', () => {
    const texts = files.filter(
      ({ path }) => /\.(ts|md|json|ya?ml|sh|bicep)$|^Dockerfile$/.test(path) && !path.startsWith('test/golden/'),
    );
    expect(texts.filter(({ text }) => !text.endsWith('\n') || text.includes('\r')).map(({ path }) => path)).toEqual([]);
  });

  test('pins the version of every image it builds on', () => {
    const images = files
      .filter(({ path }) => /(^|\/)Dockerfile/.test(path))
      .flatMap(({ text }) => [...text.matchAll(/^FROM (?:--\S+ )?(\S+)(?: AS (\S+))?/gim)]);
    const stages = new Set(images.map(([, , stage]) => stage));
    const unpinned = images
      .map(([, image = '']) => image)
      .filter((image) => !stages.has(image) && !/:\d[\w.-]*(@|$)/.test(image));
    expect(images.length).toBeGreaterThan(0);
    expect(unpinned).toEqual([]);
  });
});
