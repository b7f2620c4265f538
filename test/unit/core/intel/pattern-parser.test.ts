import { describe, expect, test } from 'vitest';
import { PatternError } from '../../../../src/core/intel/pattern-lexer.ts';
import { parsePattern } from '../../../../src/core/intel/pattern-parser.ts';

const valid: readonly string[] = [
  "[ipv4-addr:value = '198.51.100.7']",
  "[ipv4-addr:value == '198.51.100.7']",
  "[ipv4-addr:value='198.51.100.7']",
  "  [ ipv4-addr : value\t=\n'198.51.100.7' ]  ",
  "[ipv4-addr:value /* of the caller */ = '198.51.100.7'] // seen twice",
  "[ipv4-addr:'value' = '198.51.100.7']",
  "[ipv4-addr:value NOT = '198.51.100.7']",
  "[ipv4-addr:value != 'a' OR ipv4-addr:value <> 'b']",
  "[ipv4-addr:value IN ('198.51.100.7', '198.51.100.8')]",
  '[ipv4-addr:value IN ()]',
  "[ipv4-addr:value NOT IN('198.51.100.7')]",
  "[ipv4-addr:value ISSUBSET '198.51.100.0/24' AND ipv4-addr:value ISSUPERSET '198.51.100.0/30']",
  "[ipv4-addr:value LIKE '198.51.%' OR ipv4-addr:value NOT MATCHES '^198\\\\.51']",
  '[EXISTS ipv4-addr:belongs_to_refs AND NOT EXISTS file:name]',
  "[((ipv4-addr:value = 'a'))]",
  "[a:b = 'x' AND (a:c = 'y' OR a:d = 'z') AND a:e = 'w']",
  "[process:name = 'it\\'s' OR process:name = 'back\\\\slash']",
  "[process:name = '']",
  '[process:pid = 0 OR process:pid = -12 OR process:pid = +7 OR process:pid >= 1.5 OR process:pid < -.25]',
  '[process:is_hidden = true AND process:is_hidden != false]',
  "[file:magic = h'' OR file:magic = h'00fF']",
  "[file:data = b'QQ==' OR file:data = b'QUI=' OR file:data = b'QUJD' OR file:data = b'QUJDRA==']",
  "[file:created > t'2026-02-28T23:59:60.1234567Z']",
  "[file:hashes.'SHA-256' = 'a' AND file:sections[0].x = 1 AND file:sections[*] = 1 AND file:sections[-1].'y-z'[2] = 1]",
  "[x-vendor_type:_private = 'a']",
  "[domain-name:value = 'a'] AND [domain-name:value = 'b'] OR [domain-name:value = 'c'] FOLLOWEDBY [url:value = 'd']",
  '([a:b = 1] FOLLOWEDBY ([a:b = 2] OR [a:b = 3])) WITHIN 300 SECONDS',
  '[a:b = 1] WITHIN 0.5 SECONDS REPEATS 2 TIMES',
  "[a:b = 1] START t'2026-01-01T00:00:00Z' STOP t'2026-02-01T00:00:00Z' REPEATS +3 TIMES WITHIN 60 SECONDS",
  '([a:b = 1] WITHIN 5 SECONDS) WITHIN 6 SECONDS',
  "[a:b = 1] START t'2026-01-01T00:00:00.00000000001Z' STOP t'2026-01-01T00:00:00.00000000002Z'",
  `[${'a:b = 1 OR '.repeat(2000)}a:b = 1]`,
];

const invalid: readonly (readonly [pattern: string, why: string])[] = [
  ['', 'nothing'],
  ["ipv4-addr:value = '198.51.100.7'", 'no brackets'],
  ["[ipv4-addr:value = '198.51.100.7'", 'no closing bracket'],
  ["[ipv4-addr:value = '198.51.100.7']]", 'a bracket too many'],
  ["[ipv4-addr:value = '198.51.100.7'] trailing", 'text behind'],
  ['[]', 'no comparison'],
  ['[ipv4-addr:value]', 'no operator'],
  ['[ipv4-addr:value = ]', 'no constant'],
  ['[ipv4-addr:value = 198.51.100.7]', 'constant without quotes'],
  ['[ipv4-addr:value = "198.51.100.7"]', 'double quotes'],
  ["[ipv4-addr:value = '198.51.100.7]", 'string without an end'],
  ["[ipv4-addr:value = 'a\\b']", 'unknown escape'],
  ["[ipv4-addr.value = 'a']", 'no colon'],
  ["[ipv4-addr:val-ue = 'a']", 'hyphen in a property'],
  ["[ipv4-addr: = 'a']", 'no property'],
  ["[ipv4-addr:value. = 'a']", 'no property behind the dot'],
  ["[ipv4-addr:value[x] = 'a']", 'list position that is a name'],
  ["[ipv4-addr:value['*'] = 'a']", 'list position that is a text'],
  ["[NOT ipv4-addr:value = 'a']", 'NOT in front'],
  ["[ipv4-addr:value =! 'a']", 'no such operator'],
  ["[ipv4-addr:value in ('a')]", 'keyword in lower case'],
  ["[ipv4-addr:value IN 'a']", 'set without parentheses'],
  ["[ipv4-addr:value IN ('a',)]", 'set with an empty member'],
  ["[ipv4-addr:value IN ('a' 'b')]", 'set without a comma'],
  ['[ipv4-addr:value ISSUBSET 5]', 'number for a range'],
  ['[ipv4-addr:value LIKE true]', 'bool for a text'],
  ['[process:pid < true]', 'order of a bool'],
  ['[process:pid = 01]', 'leading zero'],
  ["[file:magic = h'f']", 'half a byte'],
  ["[file:data = b'====']", 'padding alone'],
  ["[file:created = t'2026-13-01T00:00:00Z']", 'month 13'],
  ["[file:created = t'2026-01-01T24:00:00Z']", 'hour 24'],
  ["[file:created = t'2026-01-01T00:00:00']", 'no Z'],
  ['[a:b = 1 AND]', 'AND of nothing'],
  ['[a:b = 1 OR OR a:b = 2]', 'OR twice'],
  ['[(a:b = 1]', 'parenthesis without an end'],
  ['([a:b = 1]', 'outer parenthesis without an end'],
  ['[a:b = 1] [a:b = 2]', 'observations without an operator'],
  ['[a:b = 1] WITHIN 5 HOURS', 'hours'],
  ['[a:b = 1] WITHIN -5 SECONDS', 'negative span'],
  ['[a:b = 1] REPEATS 1.5 TIMES', 'half a repetition'],
  ['[a:b = 1] REPEATS 0 TIMES', 'no repetition'],
  ['[a:b = 1] WITHIN 5 SECONDS WITHIN 6 SECONDS', 'qualifier twice'],
  ["[a:b = 1] START t'2026-01-01T00:00:00Z'", 'START without STOP'],
  ["[a:b = 1] START '2026-01-01T00:00:00Z' STOP '2026-02-01T00:00:00Z'", 'START with a text'],
  ["[a:b = 1] START t'2026-02-01T00:00:00Z' STOP t'2026-01-01T00:00:00Z'", 'STOP before START'],
  ["[a:b = 1] START t'2026-01-01T00:00:00Z' STOP t'2026-01-01T00:00:00.000Z'", 'STOP at START'],
  ["[a:b = 1] START t'2026-02-30T00:00:00Z' STOP t'2026-03-05T00:00:00Z'", 'a day that no calendar has'],
  ['[a:b = 1] /* never ends', 'comment without an end'],
];

describe('parsePattern()', () => {
  test.each(valid)('takes %s', (pattern) => {
    expect(() => parsePattern(pattern)).not.toThrow();
  });

  test.each(invalid)('refuses %s (%s)', (pattern) => {
    expect(() => parsePattern(pattern)).toThrow(PatternError);
  });

  test('names the place, the value seen and the value wanted', () => {
    expect(() => parsePattern('[ipv4-addr:value = ]')).toThrow(
      'Cannot read pattern at 19 as a literal: current value is "]"',
    );
  });

  test('binds AND before OR before FOLLOWEDBY, and qualifiers to the nearest observation', () => {
    expect(parsePattern('[a:b = 1] OR [a:b = 2] AND [a:b = 3] WITHIN 5 SECONDS FOLLOWEDBY [a:b = 4]')).toMatchObject({
      kind: 'followed-by',
      operands: [
        {
          kind: 'or',
          operands: [
            { kind: 'observation' },
            { kind: 'and', operands: [{ kind: 'observation' }, { kind: 'qualified', qualifier: { kind: 'within' } }] },
          ],
        },
        { kind: 'observation' },
      ],
    });
    expect(parsePattern('[a:b = 1 OR a:b = 2 AND a:b = 3]')).toMatchObject({
      comparison: { kind: 'or', operands: [{ kind: 'test' }, { kind: 'and' }] },
    });
  });

  test('resolves escapes and spells paths one way', () => {
    expect(parsePattern("[x:'name'.'SHA-256'[*] = 'it\\'s a \\\\']")).toEqual({
      kind: 'observation',
      comparison: {
        kind: 'test',
        path: "x:name.'SHA-256'[*]",
        negated: false,
        comparator: '=',
        literals: [{ kind: 'string', text: "it's a \\" }],
      },
    });
  });

  test('refuses nesting that would exhaust the stack as too large, in both kinds of parentheses', () => {
    const deep = 100_000;
    for (const pattern of [
      `[${'('.repeat(deep)}a:b = 1${')'.repeat(deep)}]`,
      `${'('.repeat(deep)}[a:b = 1]${')'.repeat(deep)}`,
    ]) {
      expect(() => parsePattern(pattern)).toThrow(expect.objectContaining({ code: 'pattern_too_large' }));
    }
  });
});
