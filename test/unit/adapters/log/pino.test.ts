import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLog } from '../../../../src/adapters/log/pino.ts';
import type { Log } from '../../../../src/core/ports.ts';

function memoryLog(secrets: readonly string[] = [], level: 'debug' | 'warn' = 'debug'): { log: Log; lines: string[] } {
  const lines: string[] = [];
  return { log: createLog({ level, secrets, output: { write: (line) => lines.push(line) } }), lines };
}

function parsed(lines: readonly string[]): Record<string, unknown>[] {
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('createLog()', () => {
  test('writes one JSON object a line with level, time, message and fields', () => {
    const { log, lines } = memoryLog();
    log.warn('Partition lags', { hub: 'insights-activity-logs', seconds: 7 });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[^\n]*\n$/);
    expect(parsed(lines)).toEqual([
      {
        level: 'warn',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
        msg: 'Partition lags',
        hub: 'insights-activity-logs',
        seconds: 7,
      },
    ]);
  });

  test('leaves out what is below its level', () => {
    const { log, lines } = memoryLog([], 'warn');
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(parsed(lines).map((line) => line['msg'])).toEqual(['c', 'd']);
  });

  test('writes errors out with their causes', () => {
    const { log, lines } = memoryLog();
    log.error('Cannot poll', { cause: new Error('outer', { cause: new Error('inner') }) });
    expect(lines[0]).toContain('outer');
    expect(lines[0]).toContain('inner');
  });

  test('writes to stderr and leaves stdout alone', () => {
    const script = `import { createLog } from ${JSON.stringify(new URL('../../../../src/adapters/log/pino.ts', import.meta.url).href)};
      createLog({ level: 'info', secrets: [] }).info('hello');`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(stdout).toBe('');
    expect(JSON.parse(stderr)).toMatchObject({ msg: 'hello' });
  });
});

describe('a secret', () => {
  test('never appears in a line, in whatever form and place, and the line stays JSON', () => {
    const someSecret = fc
      .string({ unit: 'grapheme', minLength: 4, maxLength: 30 })
      .filter((text) => !'[secret]'.includes(text));
    fc.assert(
      fc.property(someSecret, fc.string(), fc.string(), (secret, before, after) => {
        const { log, lines } = memoryLog([secret]);
        const text = before + secret + after;
        const place = { member: text, list: [{ deep: text }], [text]: 1, cause: new Error(text, { cause: text }) };
        log.error(text, place);
        log.info('url', { url: `https://x.example/?key=${encodeURIComponent(secret)}` });
        log.info('header', { authorization: `Basic ${Buffer.from(secret).toString('base64')}` });
        expect(parsed(lines)).toHaveLength(3);
        expect(lines.join('')).toContain('[secret]');
        for (const value of parsed(lines).flatMap(textsOf)) expect(value).not.toContain(secret);
      }),
    );
  });

  test('that looks like a number or a member name leaves the line JSON', () => {
    const { log, lines } = memoryLog(['12345', 'level']);
    log.info('count', { count: 1_234_567 });
    expect(parsed(lines)).toHaveLength(1);
    expect(lines[0]).not.toMatch(/12345|"level"/);
  });

  test('that contains another one goes whole', () => {
    const { log, lines } = memoryLog(['abcd', 'abcdefgh']);
    log.info('xabcdefghx');
    expect(parsed(lines)).toMatchObject([{ msg: 'x[secret]x' }]);
  });
});

/** Every text of a document, member names too. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [name, ...textsOf(member)]);
}
