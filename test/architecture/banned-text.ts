/** A text that must not stand in some files, and what to write in its place. */
export interface BannedText {
  readonly name: string;
  readonly pattern: RegExp;
  readonly instead: string;
  readonly where: (path: string) => boolean;
  /** A line that breaks the rule and one that keeps it: the rule is tested on both. */
  readonly bad: string;
  readonly good: string;
}

const isCode = (path: string): boolean => path.endsWith('.ts');
const isSource = (path: string): boolean => isCode(path) && path.startsWith('src/');
const isTest = (path: string): boolean => isCode(path) && path.startsWith('test/');
const isService = (path: string): boolean => isSource(path) && !path.startsWith('src/dev/');
const everywhere = (path: string): boolean => path !== 'package-lock.json';
const outsideSystem = (path: string): boolean => isService(path) && !path.startsWith('src/adapters/system/');

export const bannedTexts: readonly BannedText[] = [
  {
    name: 'console',
    pattern: /\bconsole\.\w/,
    instead: 'the Log port, or process.stdout in a command',
    where: isSource,
    bad: "console.log('x');",
    good: "log.info('x');",
  },
  {
    name: 'reading a clock',
    pattern: /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bprocess\.hrtime\b/,
    instead: 'a `now` that is passed in, or the Clock port',
    where: outsideSystem,
    bad: 'const now = Date.now();',
    good: 'const now = clock.now();',
  },
  {
    name: 'arming a timer',
    pattern: /\bset(Timeout|Interval)\(|\bimport \{[^}]*\bset(Timeout|Interval)\b/,
    instead: 'Clock.sleepUntil()',
    where: outsideSystem,
    bad: 'setTimeout(poll, 1000);',
    good: 'await clock.sleepUntil(at, signal);',
  },
  {
    name: 'randomness without a seed',
    pattern: /\bMath\.random\b/,
    instead: 'a seeded source that is passed in',
    where: isCode,
    bad: 'const die = Math.random();',
    good: 'const die = random.next();',
  },
  {
    name: 'ending the process',
    pattern: /\bprocess\.exit\(/,
    instead: 'process.exitCode; src/main.ts alone ends the process, once its command has ended',
    where: (file) => isService(file) && file !== 'src/main.ts',
    bad: 'process.exit(1);',
    good: 'process.exitCode = 1;',
  },
  {
    name: 'silencing the compiler',
    pattern: /@ts-(ignore|nocheck|expect-error)/,
    instead: 'a type that says what is meant',
    where: isCode,
    // What the rule finds; this file is the one that is not read for it.
    bad: '// @ts-ignore',
    good: 'const value: unknown = parse(text);',
  },
  {
    name: 'silencing the linter without a reason',
    pattern: /eslint-disable(?!.* -- \S)/,
    instead: 'the reason behind ` -- `',
    where: isCode,
    bad: '// eslint-disable-next-line no-control-regex',
    good: '// eslint-disable-next-line no-control-regex -- these are what it finds',
  },
  {
    name: 'a coverage pragma',
    pattern: /\b(v8|c8|istanbul) ignore\b/,
    instead: 'a test',
    where: isCode,
    bad: '/* v8 ignore next */',
    good: '// A comment.',
  },
  {
    name: 'a test that runs alone or not at all',
    pattern: /\b(test|it|describe|suite)(\.\w+)*\.(only|skip|todo|fails)\b/,
    instead: 'a test that runs with the others, or none',
    where: isTest,
    // What the rule finds; this file is the one that is not read for it.
    bad: "test.only('x', () => {});",
    good: "test('x', () => {});",
  },
  {
    name: 'a test that is retried',
    pattern: /\bretry: \d/,
    instead: 'a wait for the condition',
    where: (path) => path.endsWith('.test.ts') || path === 'vitest.config.ts',
    bad: "test('x', { retry: 2 }, () => {});",
    good: 'await until(() => done);',
  },
  {
    name: 'a leftover',
    // The words and the line below are what the rule finds; this file is the one that is not read for it.
    pattern: /\b(FIXME|TODO|HACK)\b/,
    instead: 'the thing itself, or an issue',
    where: everywhere,
    bad: '// TODO: handle IPv6',
    good: '// IPv6 is interned.',
  },
  {
    name: 'a path of one machine',
    pattern: /(?<![\w.~:-])\/(home\/(?!node\b)|Users\/|root\/|work\/)\w|\b[A-Z]:\\\w/,
    instead: 'a path relative to the repository, or one that the system gives',
    where: everywhere,
    bad: "readFileSync('/home/ann/tidewatch/x.json')",
    good: "readFileSync('deploy/reference/x.json')",
  },
];
